import type { JsonObject, MillraceEvent, Row } from '@millrace/core'
import { createIncremental, type IncrementalConfig, type IncrementalOptions } from '@millrace/rest'

/** What is read: pages by parent, one parent of any name where the stream has none. */
export type Pages = ReadonlyMap<string, readonly (readonly Row[])[]>

export interface HandOptions extends Partial<Omit<IncrementalOptions, 'emit'>> {
  readonly stored?: JsonObject
  readonly isUnfinished?: boolean
  /** In which order the units are read. They are delivered in their own order all the same. */
  readonly readOrder?: (units: readonly string[]) => readonly string[]
}

export interface HandRead {
  readonly rows: readonly Row[]
  readonly stored: JsonObject
  /** After every page. */
  positions(): readonly JsonObject[]
  readonly warnings: readonly string[]
  /** The start value each parent was read with. */
  readonly starts: ReadonlyMap<string, unknown>
}

/** One read as the source does it, but for the requests: all units are taken first, in any order, and then delivered. */
export function readByHand(config: IncrementalConfig, pages: Pages, options: HandOptions = {}): HandRead {
  const { stored, isUnfinished = false, readOrder = (units) => units, ...rest } = options
  const events: MillraceEvent[] = []
  const incremental = createIncremental(config, {
    stream: 'things',
    primaryKey: ['id'],
    disposition: 'append',
    emit: (event) => events.push(event),
    ...rest,
  })
  const begun = incremental.begin(stored, isUnfinished)
  const units = [...pages.keys()]
  const starts = new Map<string, unknown>()
  const taken = new Map<string, ReturnType<typeof incremental.take>[]>()
  for (const unit of readOrder(units)) {
    const part = incremental.firstPart(begun, unit)
    starts.set(unit, part.values.start_value)
    taken.set(
      unit,
      (pages.get(unit) ?? []).map((page) => incremental.take(page, { url: '/things' }, part)),
    )
  }
  let watermark = begun
  const rows: Row[] = []
  const watermarks: (typeof begun)[] = []
  for (const unit of units) {
    for (const page of taken.get(unit) ?? []) {
      watermark = incremental.advance(watermark, page.seen, unit)
      rows.push(...page.rows)
      watermarks.push(watermark)
    }
  }
  incremental.end(watermark)
  const store = (mark: typeof begun) => JSON.parse(JSON.stringify(incremental.store(mark))) as JsonObject
  return {
    rows,
    stored: store(watermark),
    positions: () => watermarks.map(store),
    warnings: events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
    starts,
  }
}
