import { MillraceError, type Row } from '@millrace/core'
import { isPlainObject } from './kind.ts'
import { type Names, namingOf } from './naming-of.ts'
import { type Member, NestedTables, type Place, type TableShape } from './nested-tables.ts'
import { contentId, keyId, listId, randomIds } from './row-id.ts'
import { setOwnValue } from './set-own-value.ts'
import { idColumn, indexColumn, parentIdColumn, rootIdColumn } from './tie-columns.ts'

/** Levels that are taken apart where nothing is said: dlt's own number. It is also the most that can be asked for. */
export const defaultMaxNesting = 1_000

export interface TableSplitterOptions {
  /** The root table's name. Those of the others begin with it. */
  readonly table: string
  /** Columns, as they are named in the end, whose values make the `_dlt_id` of a root row. Default: it is random. */
  readonly primaryKey?: readonly string[]
  /**
   * Makes the `_dlt_id` of a root row of all that is in it, nested rows and all: where the ids are the same, so are the rows.
   * A row may bring no id of its own then. Default false.
   */
  readonly contentIds?: boolean
  /** Levels of nesting taken apart; what is deeper stays whole, for a column of JSON text. Default {@link defaultMaxNesting}. */
  readonly maxNesting?: number
  /** Default `keep`. */
  readonly names?: Names
}

/** Rows of one table: no object in them but what lies deeper than `maxNesting`. */
export interface TableRows {
  readonly table: string
  readonly rows: readonly Row[]
}

/** Takes nested rows apart into the rows of several tables, as dlt does. */
export interface TableSplitter {
  /**
   * The root table first, then those that these rows have lists for.
   *
   * @throws {MillraceError} `E_COLUMN_COLLISION` where two places, of whatever rows so far, have one name; `E_VALUE` for a
   * `_dlt_id` of the row's own that is no text, or is none of its content.
   */
  split(rows: readonly Row[]): readonly TableRows[]
}

/**
 * A splitter for the rows of one stream, page after page.
 *
 * An object becomes columns of its row, `user__name`; a list becomes rows of a table of its own, `<table>__<field>`, with
 * the `_dlt_id` of the row it stood in as `_dlt_parent_id`, that of the root row as `_dlt_root_id`, and its place in the
 * list as `_dlt_list_idx`. A single value in a list is the column `value`; a list in a list goes to `<table>__list`.
 *
 * Not told apart afterwards: an empty list, an empty object and a missing key; in a list, an empty list and an empty object.
 * What is no object is passed on in the root table: the converter says what is wrong.
 *
 * @throws {RangeError} where `maxNesting` is no whole number from 0 to {@link defaultMaxNesting}.
 * @example
 * const splitter = createTableSplitter({ table: 'orders', primaryKey: ['id'] })
 * splitter.split([{ id: 1, buyer: { name: 'Zoë' }, items: [{ sku: 'a' }] }])
 * // => [{ table: 'orders', rows: [{ id: 1, buyer__name: 'Zoë', _dlt_id: … }] },
 * //     { table: 'orders__items', rows: [{ sku: 'a', _dlt_parent_id: …, _dlt_list_idx: 0, … }] }]
 * @see dlt 1.31, `normalizers/json/relational.py`
 */
export function createTableSplitter(options: TableSplitterOptions): TableSplitter {
  const { table, primaryKey = [], contentIds = false, maxNesting = defaultMaxNesting, names = 'keep' } = options
  if (!Number.isInteger(maxNesting) || maxNesting < 0 || maxNesting > defaultMaxNesting) {
    throw new RangeError(
      `createTableSplitter: maxNesting must be a whole number from 0 to ${defaultMaxNesting}, got ${maxNesting} (${typeof maxNesting})`,
    )
  }
  const tables = new NestedTables(table, namingOf(names))
  // Taken apart in another way, the rows of a table are others.
  const settings = [names, maxNesting]

  function idOf(row: Row, flat: Row, index: number): string | undefined {
    const own = ownId(flat[idColumn], index)
    if (!contentIds) return own ?? keyId(flat, primaryKey)
    if (own === undefined) return contentId(row, settings)
    throw new MillraceError(
      'E_VALUE',
      `row ${index} brings a "${idColumn}" of its own, and the id says here what the row is: leave it out, or rename it`,
      { context: { row: index, column: idColumn } },
    )
  }

  function splitRow(row: Row, index: number, randomId: string, page: Page): void {
    const flat: Record<string, unknown> = {}
    const lists: FoundList[] = []
    flatten(tables.root.place, row, maxNesting, flat, lists)
    const id = idOf(row, flat, index) ?? randomId
    flat[idColumn] = id
    page.rowsOf(tables.root).push(flat)
    const waiting: WaitingList[] = lists.map((found) => ({ ...found, parentId: id, level: maxNesting - 1 }))
    // A queue and not a recursion, so that no depth exhausts the stack; it grows while it is gone through.
    for (const list of waiting) splitList(list, id, page.rowsOf(list.table), waiting)
  }

  return Object.freeze({
    split: (rows: readonly Row[]): readonly TableRows[] => {
      const page = new Page()
      const rootRows = page.rowsOf(tables.root)
      const ids = randomIds(rows.length)
      for (const [index, row] of rows.entries()) {
        if (isPlainObject(row)) splitRow(row, index, ids[index] as string, page)
        else rootRows.push(row)
      }
      return page.tables()
    },
  })
}

interface FoundList {
  readonly table: TableShape
  readonly list: readonly unknown[]
}

interface WaitingList extends FoundList {
  readonly parentId: string
  /** Levels left for what is in it. */
  readonly level: number
}

function splitList(
  { table, list, parentId, level }: WaitingList,
  rootId: string,
  rows: Row[],
  waiting: WaitingList[],
): void {
  const idOfList = listId(parentId, table.name)
  for (let index = 0; index < list.length; index++) {
    const element = list[index]
    const flat: Record<string, unknown> = {}
    const id = `${idOfList}.${index}`
    const lists: FoundList[] = []
    let below = level
    if (isPlainObject(element)) flatten(table.place, element, level, flat, lists)
    else if (Array.isArray(element)) {
      // dlt counts a list in a list as two levels: the list, and the object it would be wrapped in.
      below = level - 1
      put(table.place.list, element, below, flat, lists)
    } else flat[table.place.value.column()] = element
    flat[parentIdColumn] = parentId
    flat[indexColumn] = index
    flat[rootIdColumn] = rootId
    flat[idColumn] = id
    rows.push(flat)
    for (const found of lists) waiting.push({ ...found, parentId: id, level: below - 1 })
  }
}

/** Recursive, and `level` is at most {@link defaultMaxNesting} deep. */
function flatten(place: Place, object: Row, level: number, flat: Record<string, unknown>, lists: FoundList[]): void {
  for (const key of Object.keys(object)) put(place.member(key), object[key], level, flat, lists)
}

function put(member: Member, value: unknown, level: number, flat: Record<string, unknown>, lists: FoundList[]): void {
  if (level > 0 && typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) {
      if (value.length > 0) lists.push({ table: member.table(), list: value })
      return
    }
    if (isPlainObject(value)) {
      flatten(member.place(), value, level - 1, flat, lists)
      return
    }
  }
  setOwnValue(flat, member.column(), value)
}

/** The rows of one page, table by table. */
class Page {
  readonly #rows = new Map<TableShape, Row[]>()

  rowsOf(table: TableShape): Row[] {
    let rows = this.#rows.get(table)
    if (rows === undefined) {
      rows = []
      this.#rows.set(table, rows)
    }
    return rows
  }

  tables(): readonly TableRows[] {
    return [...this.#rows].map(([{ name }, rows]) => ({ table: name, rows }))
  }
}

/** dlt lets a row bring its id; so do we, as long as it is text like all others. */
function ownId(id: unknown, row: number): string | undefined {
  if (id === undefined || id === null || id === '') return undefined
  if (typeof id === 'string') return id
  throw new MillraceError(
    'E_VALUE',
    `row ${row} brings a "${idColumn}" of its own that is a ${typeof id}: make it text, or leave it out to have one made`,
    { context: { row, column: idColumn } },
  )
}
