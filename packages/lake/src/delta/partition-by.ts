import { MillraceError } from '@millrace/core'
import type { Constants } from '@millrace/merge'
import { DataType, type RecordBatch, type Schema } from 'apache-arrow'
import type { Snapshot } from './snapshot.ts'

/** Partitions that one commit may write. More are a mistake: a column that tells rows apart, and not kinds of rows. */
export const maxPartitions = 10_000

/**
 * The columns that a table is partitioned by, once rows have been written as asked: those it has, unless all of its rows are
 * replaced.
 *
 * @throws {MillraceError} `E_PARTITION_COLUMN` where others are asked for than it has.
 */
export function partitionByOf(
  table: string,
  snapshot: Snapshot | undefined,
  asked: readonly string[] | undefined,
  replace: boolean,
): readonly string[] {
  const { partitionColumns } = snapshot?.metadata ?? {}
  if (!partitionColumns || !asked || replace) return asked ?? partitionColumns ?? []
  if (JSON.stringify(asked) === JSON.stringify(partitionColumns)) return asked
  const is = partitionColumns.length > 0 ? `partitioned by ${partitionColumns.join(', ')}` : 'not partitioned'
  throw new MillraceError(
    'E_PARTITION_COLUMN',
    `table "${table}" is ${is}, and is to be partitioned by ${asked.join(', ')}; run once with mode full-refresh to write it anew, or leave it as it is`,
    { context: { table } },
  )
}

/**
 * Holds the columns that a table is to be partitioned by to what the log of a table can say of values.
 *
 * @param options.isWhole - Whether the schema has all columns that there will be.
 * @param options.own - Columns that a merge fills: their values change in rows that are there.
 * @throws {MillraceError} `E_PARTITION_COLUMN` naming the column.
 */
export function checkPartitionBy(
  table: string,
  schema: Schema,
  partitionBy: readonly string[],
  { isWhole, own = [] }: { readonly isWhole: boolean; readonly own?: readonly string[] },
): void {
  for (const [index, column] of partitionBy.entries()) {
    if (partitionBy.indexOf(column) < index) throw refused(table, column, 'is named twice')
    if (own.includes(column)) throw refused(table, column, 'is filled by the merge, and changes')
    const field = schema.fields.find(({ name }) => name === column)
    if (field && !isPlain(field.type)) {
      throw refused(
        table,
        column,
        `is of type ${field.type}; take one of texts, whole numbers, decimals, booleans, dates or times`,
      )
    }
    if (!field && isWhole)
      throw refused(table, column, `is none of its columns: ${schema.fields.map(({ name }) => name).join(', ')}`)
  }
  const [first] = partitionBy
  if (isWhole && first !== undefined && partitionBy.length >= schema.fields.length) {
    throw refused(table, first, 'and the others leave no column that is not partitioned by')
  }
}

/** Floating-point numbers are left out: their texts differ from writer to writer. */
function isPlain(type: DataType): boolean {
  return [
    DataType.isUtf8,
    DataType.isInt,
    DataType.isDecimal,
    DataType.isBool,
    DataType.isDate,
    DataType.isTimestamp,
  ].some((is) => is(type))
}

/**
 * Holds the values of rows to what the log of a table can say: it does not tell an empty text from none.
 *
 * @throws {MillraceError} `E_PARTITION_VALUE` with the row's place in the batch and the column.
 */
export function checkPartitionValues(table: string, batch: RecordBatch, partitionBy: readonly string[]): void {
  for (const column of partitionBy) {
    const values = batch.getChild(column)
    if (!values) continue
    const isText = DataType.isUtf8(values.type)
    if (!isText && !isTime(values.type)) continue
    for (let row = 0; row < values.length; row++) {
      const value: unknown = values.get(row)
      if (value === null) continue
      const problem = isText ? textProblem(String(value)) : timeProblem(Number(value))
      if (problem !== undefined) throw badValue(table, column, problem, `row ${row} (counted from 0) of the page`, row)
    }
  }
}

/**
 * The same for the partitions of a commit, and that there are not too many.
 *
 * @throws {MillraceError} `E_PARTITION_VALUE`
 */
export function checkPartitions(table: string, schema: Schema, partitions: readonly Constants[]): void {
  const columns = Object.keys(partitions[0] ?? {})
  if (partitions.length > maxPartitions) {
    throw new MillraceError(
      'E_PARTITION_VALUE',
      `the rows for table "${table}" have ${partitions.length} different values of ${columns.join(', ')}, and a commit may have ${maxPartitions} partitions; partition by a column with fewer values`,
      { context: { table, partitions: partitions.length } },
    )
  }
  for (const column of columns) {
    const type = schema.fields.find(({ name }) => name === column)?.type
    const problemOf = DataType.isUtf8(type) ? textProblem : isTime(type) ? dateProblem : (): undefined => undefined
    for (const { [column]: value } of partitions) {
      const problem = value === null || value === undefined ? undefined : problemOf(value)
      if (problem !== undefined) throw badValue(table, column, problem, 'a row')
    }
  }
}

function isTime(type: DataType | undefined): boolean {
  return DataType.isDate(type) || DataType.isTimestamp(type)
}

function textProblem(value: string): string | undefined {
  if (value === '') return 'an empty text, which the log of a Delta table cannot tell from null'
  return value.includes('\0') ? 'a text with the character U+0000, which not all readers take' : undefined
}

const [firstMs, endMs] = [Date.parse('0001-01-01T00:00:00Z'), Date.UTC(10_000, 0, 1)]

const outside = 'a time outside of the years 1 to 9999, which not all readers take'

/** Of milliseconds since 1970, rounded: the last microsecond of the year 9999 looks like the next. */
function timeProblem(ms: number): string | undefined {
  return ms >= firstMs && ms <= endMs ? undefined : outside
}

/** The same of a text as DuckDB writes it, and to the end. */
function dateProblem(text: string): string | undefined {
  return /^(?!0000)\d{4}-\d\d-\d\d(?:T|$)/.test(text) ? undefined : outside
}

function refused(table: string, column: string, problem: string): MillraceError {
  return new MillraceError(
    'E_PARTITION_COLUMN',
    `table "${table}" cannot be partitioned by column "${column}": it ${problem}`,
    {
      context: { table, column },
    },
  )
}

function badValue(table: string, column: string, problem: string, place: string, row?: number): MillraceError {
  return new MillraceError(
    'E_PARTITION_VALUE',
    `${place} has ${problem} in column "${column}", which table "${table}" is partitioned by; map such values to another, or partition by another column`,
    { context: { table, column, ...(row === undefined ? {} : { row }) } },
  )
}
