import type { ColumnDataType, toSchema } from '@millrace/arrow'
import type { StandardSchema } from '@millrace/core'

/** What is declared of one column: dlt's column hints. */
export interface ColumnConfig {
  /** Its name, as the rows have it. Needed where columns are a list. */
  readonly name?: string
  /** One of dlt's types. */
  readonly dataType?: ColumnDataType
  /** Whether a row may be without it. Default true. */
  readonly nullable?: boolean
  /** Of `bigint` its bits (8, 16, 32, 64); of `decimal` and `wei` the digits (38); of `timestamp` and `time` those of a second (6). */
  readonly precision?: number
  /** Of `decimal` the digits behind the point. Default 9, or 0 beside a precision. */
  readonly scale?: number
  /** Of `timestamp`: false for one without a time zone. Default true: UTC. */
  readonly timezone?: boolean
  /** Whether it belongs to the primary key. */
  readonly primaryKey?: boolean
  /** Whether it belongs to the merge key. */
  readonly mergeKey?: boolean
  /** Whether a row that has `true` in it, or any value where it is not bool, deletes the row with its primary key. */
  readonly hardDelete?: boolean
  /** Which of several rows with one primary key stays: that with the smallest value, or the largest. Default: the last. */
  readonly dedupSort?: 'asc' | 'desc'
  /** Whether the table is partitioned by its values: few, such as days or countries. In the order of the columns here. */
  readonly partition?: boolean
  /** For people: nothing is done with it. */
  readonly description?: string
}

/**
 * Columns by name, or a list of them. In code also a schema of zod, arktype or another library that speaks Standard JSON
 * Schema, or an Arrow schema, which `fromJsonSchema` makes of a JSON Schema.
 */
export type ColumnsConfig =
  | Readonly<Record<string, ColumnConfig>>
  | readonly ColumnConfig[]
  | StandardSchema
  | ReturnType<typeof toSchema>

/** In dlt's spelling or in TypeScript's. */
export type SchemaModeConfig = 'evolve' | 'freeze' | 'discard_row' | 'discard_value' | 'discardRow' | 'discardValue'

/** What happens to what a table does not have yet, for each thing that may be new. */
export interface SchemaModesConfig {
  /** A table. Default `evolve`. */
  readonly tables?: SchemaModeConfig
  /** A column. Default `evolve`. */
  readonly columns?: SchemaModeConfig
  /** A value that does not fit its column. Default `evolve`: it goes to a column beside it. */
  readonly dataType?: SchemaModeConfig
}

/** How a resource's rows become columns. */
export interface SchemaConfig {
  /** Declared columns: they are there from the start, with these types. Defaults and resource are merged column by column. */
  readonly columns?: ColumnsConfig
  /** What happens to what the table does not have yet: one for all, or by `tables`, `columns`, `dataType`. Default `evolve`. */
  readonly schemaContract?: SchemaModeConfig | SchemaModesConfig
  /** Objects and lists as struct and list columns (`native`, the default), as JSON text, or as dlt's `tables`. */
  readonly nested?: 'native' | 'json' | 'tables'
  /** Levels that `nested: tables` takes apart; deeper is JSON text. 0 is `nested: json`. Default 1000. */
  readonly maxTableNesting?: number
  /** Columns as the API names them (`keep`, the default), or as dlt does (`snake_case`). */
  readonly names?: 'keep' | 'snake_case'
}
