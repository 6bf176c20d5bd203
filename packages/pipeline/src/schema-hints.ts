import { type ColumnHint, isArrowSchema, type Names, type SchemaContract, toSchema } from '@millrace/arrow'
import type { Schema } from 'apache-arrow'

/** What becomes of objects and lists: struct and list columns, JSON text, or rows of tables of their own. */
export type Nested = 'native' | 'json' | 'tables'

/** What is known of a stream's columns before its first row, and how they are to be made. */
export interface SchemaHints {
  /**
   * Declared columns: they exist from the start, with these types. Named as the rows name them. Where the table has a
   * column of another type already, the run fails with `E_SCHEMA_CONFLICT`.
   */
  readonly columns?: Readonly<Record<string, ColumnHint>> | Schema
  /** What happens to what the table does not have yet. Default `evolve`: it is added. */
  readonly contract?: SchemaContract
  /** Default `native`: readers can then select inside. */
  readonly nested?: Nested
  /** Levels that `tables` takes apart; what is deeper is JSON text. Default 1 000, which is dlt's. */
  readonly maxNesting?: number
  /** Columns as the API names them (`keep`, the default), or as dlt does (`snake_case`). */
  readonly names?: Names
}

/** Declared columns in whatever form, as an Arrow schema. */
export function asSchema(columns: NonNullable<SchemaHints['columns']>): Schema {
  return isArrowSchema(columns) ? columns : toSchema(columns)
}
