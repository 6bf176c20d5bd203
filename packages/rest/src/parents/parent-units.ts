import type { Page, Position } from '@millrace/core'
import type { ParentsPosition, UnitPosition } from '../reading/read-position.ts'
import type { ParentLink } from './parent-link.ts'
import { createTakeParentValues, identityOf, type ParentValues } from './parent-values.ts'
import { createUniqueParents } from './unique-parents.ts'

/** One endpoint to read: for one row of the parent, or the only one of a resource that is no child. */
export interface Unit {
  /** What is known of the row of the parent. */
  readonly values: ParentValues | undefined
  /** Goes on after the page that carried it. */
  readonly begin: UnitPosition | undefined
  /** Where the child stands among the rows of its parent, once this unit is read. */
  readonly after: () => ParentsPosition | undefined
}

export interface ParentUnitsOptions {
  readonly link: ParentLink
  readonly child: string
  /** Where the child stood. */
  readonly before: ParentsPosition
  /** Where it stood in the unit that was being read. */
  readonly unit: UnitPosition | undefined
  readonly pages: AsyncIterable<Page>
  /** Whether equal rows of the parent are read for once. */
  readonly isUnique: boolean
}

export interface ParentUnits {
  /**
   * The units of a child, in the order of its parent's rows.
   *
   * Memory: what the child needs of the rows of one page.
   * Pulls:  lazy; a page of the parent when the rows of the one before are used up.
   */
  units(): AsyncGenerator<Unit, void, undefined>
  /** Where the child stands when no row of the parent is left. */
  end(): ParentsPosition
}

export function createParentUnits(options: ParentUnitsOptions): ParentUnits {
  const { link, child, before, unit, pages, isUnique } = options
  const takeValues = createTakeParentValues(link, child)
  const unique = isUnique ? createUniqueParents(before.seen) : undefined
  /** After the page of the parent that was read last. */
  let { position } = before

  function standsAt(pending: readonly ParentValues[], at: Position | undefined): () => ParentsPosition {
    const seen = unique?.seen() ?? []
    return () => ({ position: at, current: undefined, pending, seen })
  }

  function* unitsOf(rows: readonly ParentValues[], at: Position | undefined): Generator<Unit> {
    for (const [index, values] of rows.entries()) {
      if (unique && !unique.isNew(identityOf(values, link))) continue
      const after = standsAt([], at)
      // Cut when it is needed: a page may have thousands of rows.
      yield { values, begin: undefined, after: () => ({ ...after(), pending: rows.slice(index + 1) }) }
    }
  }

  async function* units(): AsyncGenerator<Unit, void, undefined> {
    const { current, pending } = before
    if (current) yield { values: current, begin: unit, after: standsAt(pending, position) }
    yield* unitsOf(pending, position)
    for await (const { rows, position: afterPage, meta } of pages) {
      position = afterPage
      yield* unitsOf(takeValues(rows, meta?.url), afterPage)
    }
  }

  return Object.freeze({ units, end: () => standsAt([], position)() })
}
