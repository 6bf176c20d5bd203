/** Something that a contract said to drop. */
export interface Discard {
  readonly dropped: 'row' | 'value'
  /** There was no such table, or no such column; the value did not fit its column; or a null stood where none may. */
  readonly reason: 'table' | 'column' | 'type' | 'null'
  /** Missing where there is no table. */
  readonly column?: string
  /** Place in the rows that were handed in, from 0. */
  readonly row: number
  /** What was dropped: the value, or the one for which the row was dropped. */
  readonly value?: unknown
}
