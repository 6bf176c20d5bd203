import { createConverter, fromArrow } from '@millrace/arrow'
import { MillraceError, type Row } from '@millrace/core'
import type { Constants, KeyRange } from '@millrace/merge'
import { DataType, type RecordBatch, Schema } from 'apache-arrow'
import type { AddFile } from './actions.ts'
import { unsupported } from './unsupported.ts'

/**
 * The columns that a table is partitioned by: their values are in the log, once for each file. In the files they need not be;
 * in those that are written here they are, so that a file says by itself all that is in it.
 *
 * @throws {MillraceError} `E_UNSUPPORTED_TABLE` for a type whose values the log holds in a way that is not read here,
 *   `E_CORRUPT` for a column that the table does not have.
 */
export function partitionColumns(names: readonly string[], schema: Schema, table: string): Schema {
  return new Schema(
    names.map((name) => {
      const field = schema.fields.find((each) => each.name === name)
      if (!field) throw corrupt(table, `is partitioned by column "${name}", which it does not have`)
      if (DataType.isBinary(field.type)) throw unsupported(table, `it is partitioned by the bytes of column "${name}"`)
      return field.clone({ nullable: true })
    }),
  )
}

/**
 * The values that a file has in the columns a table is partitioned by, in each of so many rows. An empty text is none.
 *
 * @throws {MillraceError} `E_CORRUPT` where the log has no value for one, or none of its type.
 * @see Delta Lake protocol, "Partition Value Serialization"
 */
export function partitionBatch(columns: Schema, file: AddFile, rows: number, table: string): RecordBatch {
  const values = columns.fields.map(({ name }): [string, Row[string]] => {
    const value = Object.hasOwn(file.partitionValues, name) ? file.partitionValues[name] : undefined
    if (value === undefined) throw corrupt(table, `has file ${file.path} without a value of "${name}"`)
    return [name, value === '' ? null : value]
  })
  const row = Object.fromEntries(values)
  try {
    return createConverter({ columns, contract: 'freeze' }).convert(Array.from({ length: rows }, () => row))
  } catch (thrown) {
    throw corrupt(
      table,
      `has file ${file.path} with values that are not of their columns: ${JSON.stringify(row)}`,
      thrown,
    )
  }
}

/**
 * The same as texts, for DuckDB.
 *
 * @throws {MillraceError} `E_CORRUPT`
 */
export function partitionConstants(columns: Schema, file: AddFile, table: string): Constants {
  if (columns.fields.length === 0) return {}
  const [row = {}] = fromArrow(partitionBatch(columns, file, 1, table))
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null || value === undefined ? null : String(value)]),
  )
}

/** Files of which the log says the same values, in their order. Of one value there may be several texts, from several writers. */
export function groupByPartition<File>(
  files: Iterable<File>,
  entryOf: (file: File) => AddFile,
): readonly (readonly [File, ...File[]])[] {
  const groups = new Map<string, [File, ...File[]]>()
  for (const file of files) {
    const key = JSON.stringify(Object.entries(entryOf(file).partitionValues ?? {}).sort())
    const group = groups.get(key)
    if (group) group.push(file)
    else groups.set(key, [file])
  }
  return [...groups.values()]
}

/** What can be said of key columns by the partition that a file is of. */
export function partitionRanges(
  columns: Schema,
  constants: Constants,
  keys: readonly string[],
): Readonly<Record<string, KeyRange>> {
  const ranges: [string, KeyRange][] = []
  for (const { name, type } of columns.fields) {
    const value = constants[name]
    if (!keys.includes(name) || value === null || value === undefined) continue
    if (DataType.isInt(type)) ranges.push([name, { min: BigInt(value), max: BigInt(value) }])
    if (DataType.isUtf8(type)) ranges.push([name, { min: value, max: value }])
  }
  return Object.fromEntries(ranges)
}

function corrupt(table: string, problem: string, cause?: unknown): MillraceError {
  return new MillraceError('E_CORRUPT', `the log of table ${table} ${problem}; restore it from a copy`, {
    context: { table },
    cause,
  })
}
