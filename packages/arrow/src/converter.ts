import { MillraceError, type Row } from '@millrace/core'
import { type Field, type RecordBatch, Schema } from 'apache-arrow'
import { addColumn } from './add-column.ts'
import { checkNulls } from './check-nulls.ts'
import { columnNames } from './column-names.ts'
import { columnTypes, isColumnType } from './column-type.ts'
import { readContract, type SchemaContract } from './contract.ts'
import type { Discard } from './discard.ts'
import { growSchema } from './grow-schema.ts'
import { PageColumns } from './page-columns.ts'
import { refuseTable } from './refuse-table.ts'
import { newMembers } from './wider-type.ts'
import { withoutDropped } from './without-dropped.ts'

export interface ConverterOptions {
  /** Columns to start from: a table's present schema. New ones are added after them. */
  readonly schema?: Schema
  /**
   * Declared columns: they are there from the start, with these types, whatever the rows hold. What arrives as another kind
   * is read as the type says where that is possible (`"12"` as a number, `2024-05-01 12:00` as UTC).
   */
  readonly columns?: Schema
  /** Objects and lists as struct and list columns, or as JSON text. Default `native`: readers can then select inside. */
  readonly nested?: 'native' | 'json'
  /** What to do where rows do not fit the columns. Default `evolve`: nothing is dropped. */
  readonly contract?: SchemaContract
  /** Whether the table is being made: its columns then evolve, unless some are declared. Default: where there is no `schema`. */
  readonly isNewTable?: boolean
  /** Told of each column as it is added, variant columns included, and of members that objects get: `user.email`. */
  readonly onColumn?: (field: Field) => void
  /** Told of each row and value that the contract dropped. */
  readonly onDiscard?: (discard: Discard) => void
}

/** Turns rows into record batches, page by page. Its schema only ever grows. */
export interface Converter {
  /** All columns so far, in order of first appearance. */
  readonly schema: Schema
  /**
   * One batch of all the columns so far; what a row does not have is null. Nothing changes when it throws.
   *
   * @throws {MillraceError} `E_ROW`, `E_VALUE`, `E_NOT_NULL`, `E_COLUMN_NAME`, `E_COLUMN_COLLISION`, `E_SCHEMA_FROZEN`,
   *   `E_BATCH_TOO_LARGE`.
   */
  convert(rows: readonly Row[]): RecordBatch
}

/**
 * A converter with the types of the first values it sees in each column, of a table that exists, or of declared columns.
 *
 * A value that does not fit its column is stored in `<column>__v_<type>` beside it: nothing is dropped, nothing rounded,
 * unless a contract says so.
 *
 * @throws {MillraceError} `E_UNSUPPORTED_TYPE` where `schema` or `columns` have one that no row can be stored in;
 *   `E_SCHEMA_CONFLICT` where a column is declared with another type than the table has.
 * @example
 * const converter = createConverter()
 * converter.convert([{ id: 1 }, { id: 'x' }]).schema.names // => ['id']: a mixed first page is text
 * converter.convert([{ id: 2 }]).schema.names // => ['id']
 */
export function createConverter(options: ConverterOptions = {}): Converter {
  const { columns, nested = 'native', isNewTable = options.schema === undefined, onColumn, onDiscard } = options
  let schema = columns ? growSchema(options.schema, columns) : (options.schema ?? new Schema([]))
  for (const field of schema.fields) requireColumnType(field)
  const known = new Map(schema.fields.map((field) => [field.name, field]))
  const declared = new Map(columns?.fields.map((field) => [field.name, field]))
  const contract = readContract(options.contract)
  // A table that is being made has no columns to hold rows to: its first run says what they are.
  const evolves = isNewTable && declared.size === 0
  const policy = {
    nested,
    declared,
    columns: evolves ? 'evolve' : contract.columns,
    dataType: contract.dataType,
  } as const

  function pageOf(rows: readonly Row[]): PageColumns {
    const page = new PageColumns(rows, known)
    if (evolves && contract.tables !== 'evolve') refuseTable(page, contract.tables)
    else for (const name of columnNames(rows)) addColumn(page, name, policy)
    checkNulls(page, schema.fields, policy)
    return page
  }

  return Object.freeze({
    get schema(): Schema {
      return schema
    },
    convert: (rows: readonly Row[]): RecordBatch => {
      const { page, discards } = withoutDropped(rows, pageOf)
      const { added, widened } = page
      if (added.length > 0 || widened.size > 0) {
        const fields = schema.fields.map((field) => widened.get(field.name) ?? field)
        schema = new Schema([...fields, ...added], schema.metadata)
      }
      const batch = page.toBatch(schema)
      const told = [...widened.values()].flatMap(({ name, type }) =>
        newMembers(name, known.get(name)?.type ?? type, type),
      )
      for (const field of [...widened.values(), ...added]) known.set(field.name, field)
      for (const field of [...told, ...added]) onColumn?.(field)
      for (const discard of discards) onDiscard?.(discard)
      return batch
    },
  })
}

function requireColumnType({ name, type }: Field): void {
  if (isColumnType(type)) return
  throw new MillraceError(
    'E_UNSUPPORTED_TYPE',
    `column "${name}" has the type ${type}: rows can be stored as ${columnTypes}`,
    { context: { column: name } },
  )
}
