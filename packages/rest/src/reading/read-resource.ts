import { flatMap, type Page, type PageMeta, type Position, type Row } from '@millrace/core'
import { isFinished } from '@millrace/paginate'
import type { ReadContext } from '@millrace/pipeline'
import type { MergedResource } from '../config/merge-defaults.ts'
import type { ReadPart } from '../incremental/read-part.ts'
import type { Seen } from '../incremental/seen.ts'
import type { ParentLink } from '../parents/parent-link.ts'
import { createParentUnits, type ParentUnits, type Unit } from '../parents/parent-units.ts'
import { identityOf, type ParentValues } from '../parents/parent-values.ts'
import type { ReadPages } from '../parents/shared-pages.ts'
import { type EndpointRequest, endpointRequest } from '../request/endpoint-request.ts'
import { createDiscardedRows } from './discarded-rows.ts'
import { fromStoredJson } from './json-values.ts'
import {
  type Begin,
  beginRead,
  isFinishedRead,
  noParents,
  type ParentsPosition,
  type PositionRules,
  type Stored,
  toPosition,
  type UnitPosition,
} from './read-position.ts'
import { IgnoredAnswer, readUnit, type UnitTools } from './read-unit.ts'
import { createRunSteps } from './run-steps.ts'

/** Parents that are read for at once where a child is `parallelized`: as many as dlt has workers. */
export const parallelParents = 5

/** The resource that a child reads for, row by row. */
export interface Parent {
  readonly link: ParentLink
  /** Whether it may end before its end because the configuration says so. */
  readonly isLimited: boolean
  readonly open: (stored: Stored) => ReadPages
}

export interface ReadTools extends Omit<UnitTools, 'stream' | 'found' | 'emit'> {
  readonly rules: PositionRules
  /** Missing where the resource is no child. */
  readonly parent: Parent | undefined
}

const nowhere: UnitPosition = { paging: undefined, window: undefined }

interface PageOfUnit {
  readonly unit: Unit
  readonly rows: readonly Row[]
  readonly position: UnitPosition
  /** Nothing is left of the unit. */
  readonly isLast: boolean
  readonly meta?: PageMeta | undefined
  readonly seen?: Seen | undefined
  /** The read ends here, before the end of the unit: the next one goes on in it. */
  readonly stop?: {
    /** Why, where the configuration does not want it so. */
    readonly incomplete?: string
  }
}

/**
 * The pages of one resource, in order, each with the position a later run goes on from.
 *
 * Order:  the API's; a child's rows come in the order of its parent's.
 * Memory: one page; with `parallelized` one for each parent that is read for.
 * Pulls:  lazy; one request at a time, with `parallelized` one for each of {@link parallelParents} parents.
 */
export async function* readResource(
  resource: MergedResource,
  tools: ReadTools,
  stored: Stored,
  { signal, emit }: Pick<ReadContext, 'signal' | 'emit'>,
): AsyncGenerator<Page, void, undefined> {
  const { endpoint, name: stream } = resource
  const { rules, parent } = tools
  const { configuration, incremental } = rules
  const begin = beginRead(stored, rules)
  const found = { rowsAt: begin.at.rowsAt, isTold: false }
  let { page, watermark } = begin.at
  /** Nothing moves the start within a read. */
  const begun = watermark
  const family = parent && openFamily(resource, parent, begin)
  const steps = createRunSteps(resource.processingSteps, stream)
  const discarded = createDiscardedRows(stream, emit)

  function parentKeyOf(values: ParentValues | undefined): ParentValues | undefined {
    return parent && values && identityOf(values, parent.link)
  }

  function requestFor(values: ParentValues | undefined, part: ReadPart | undefined): EndpointRequest {
    const request = endpointRequest(endpoint, (placeholder) => {
      if (placeholder.context === 'incremental') return part?.values[placeholder.field]
      const value = values?.[parent?.link.paths.indexOf(placeholder.path) ?? -1]
      return value === undefined ? undefined : fromStoredJson(value)
    })
    return { ...request, query: { ...request.query, ...part?.params } }
  }

  async function* pagesOf(unit: Unit): AsyncGenerator<PageOfUnit, void, undefined> {
    const { values, begin: unitBegin } = unit
    const include = parent && values && columnsFromParent(parent.link, values)
    let part = begun && incremental?.firstPart(begun, parentKeyOf(values), unitBegin?.window)
    let paging = unitBegin?.paging
    try {
      for (;;) {
        const request = requestFor(values, part)
        let next: ReadPart | undefined
        let isPartRead = false
        for await (const page of readUnit(request, paging, { ...tools, stream, found, emit }, signal)) {
          const { meta, answer } = page
          const url = meta?.url ?? request.path
          const stepped = await steps(include ? page.rows.map((row) => ({ ...row, ...include })) : page.rows, url)
          discarded.add(stepped)
          const taken = part && !page.isIgnored ? incremental?.take(stepped.rows, { ...answer, url }, part) : undefined
          isPartRead = taken?.isLast === true || isFinished(page.paging)
          next = isPartRead && part ? incremental?.nextPart(part, answer.headers) : undefined
          const position = next
            ? { paging: undefined, window: next.position }
            : { paging: isPartRead ? finished : page.paging, window: isPartRead ? undefined : part?.position }
          const isLast = isPartRead && next === undefined
          yield { unit, rows: taken?.rows ?? stepped.rows, position, isLast, meta, seen: taken?.seen }
          if (isPartRead) break
        }
        // Cut off by `max_pages`. What is left of this unit would be lost if another were read.
        if (!isPartRead) return yield { unit, rows: [], position: nowhere, isLast: false, stop: {} }
        if (next === undefined) return
        part = next
        paging = undefined
      }
    } catch (thrown) {
      if (!(thrown instanceof IgnoredAnswer)) throw thrown
      yield { unit, rows: [], position: nowhere, isLast: false, stop: { incomplete: thrown.message } }
    }
  }

  function store(unit: UnitPosition | undefined, parents: ParentsPosition | undefined): Position {
    page += 1
    const position = toPosition({ page, rowsAt: found.rowsAt, watermark, unit, parents }, configuration)
    // Before the position that says so: a failure must not be stored as an end.
    if (watermark && isFinishedRead(position)) incremental?.end(watermark)
    return position
  }

  const concurrency = resource.parallelized ? parallelParents : 1
  const units = family ? family.units() : onlyUnit(begin.at.unit)
  const pages = concurrency > 1 ? flatMap(pagesOf, { concurrency, signal })(units) : inTurn(units, pagesOf)
  let latest: Position | undefined
  try {
    if (begin.goesOn && isFinishedRead(begin.goesOn)) return
    for await (const { unit, rows, position, isLast, meta, seen, stop } of pages) {
      if (stop?.incomplete !== undefined) emit({ type: 'incomplete', stream, reason: stop.incomplete })
      if (stop) return
      if (seen && watermark) watermark = incremental?.advance(watermark, seen, parentKeyOf(unit.values))
      const after = unit.after()
      latest = store(
        after && isLast ? undefined : position,
        after && (isLast ? after : { ...after, current: unit.values }),
      )
      yield { rows, position: latest, ...(meta && { meta: parent ? withoutTotal(meta) : meta }) }
    }
    if (!family) return
    const parents = family.end()
    // What is known only now, that no row of the parent is left, has to be stored too.
    if (latest === undefined || !isFinishedRead(latest)) yield { rows: [], position: store(undefined, parents) }
    const isParentRead = parents.position !== undefined && isFinishedRead(parents.position)
    if (!isParentRead && !parent?.isLimited) {
      emit({ type: 'incomplete', stream, reason: `its parent "${parent?.link.parent}" is incomplete` })
    }
  } finally {
    await family?.close()
    discarded.tell()
  }
}

/** After the last page of an endpoint. */
const finished: Position = Object.freeze({ done: true })

/** The rows of the parent, with what has to be closed in the end. */
function openFamily(
  { name, uniqueParents }: MergedResource,
  { link, open }: Parent,
  { at, parent }: Begin,
): ParentUnits & { close(): Promise<unknown> } {
  // Opened at once, and not when the first page is wanted: others may be waiting to read it together with this one.
  const pages = open(parent)
  const units = createParentUnits({
    link,
    child: name,
    before: at.parents ?? noParents,
    unit: at.unit,
    pages,
    isUnique: uniqueParents,
  })
  return { ...units, close: () => pages.return() }
}

async function* onlyUnit(begin: UnitPosition | undefined): AsyncGenerator<Unit, void, undefined> {
  yield { values: undefined, begin, after: () => undefined }
}

async function* inTurn<In, Out>(
  items: AsyncIterable<In>,
  open: (item: In) => AsyncIterable<Out>,
): AsyncGenerator<Out, void, undefined> {
  for await (const item of items) yield* open(item)
}

/** `_<parent>_<field>`, as dlt calls them. */
function columnsFromParent({ parent, paths, include }: ParentLink, values: ParentValues): Row | undefined {
  if (include.length === 0) return undefined
  return Object.fromEntries(
    include.map((field, index) => [`_${parent}_${field}`, fromStoredJson(values[paths.length + index] ?? null)]),
  )
}

/** The rows there are in all for one parent say nothing about those of the stream. */
function withoutTotal({ total: _, ...meta }: PageMeta): PageMeta {
  return meta
}
