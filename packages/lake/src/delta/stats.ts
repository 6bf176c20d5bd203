import type { ColumnStatistics, FileStatistics, KeyRange } from '@millrace/merge'
import { DataType, type Schema } from 'apache-arrow'
import type { AddFile } from './actions.ts'

/** Columns with statistics beside the keys: Delta's own default, so that wide tables do not bloat the log. */
export const statsColumns = 32

/** Characters of text in the log, again Delta's own default. */
export const statsTextLength = 32

/** Names of the columns whose statistics a file's entry in the log has: the keys, then the first ones. No partition's. */
export function columnsWithStats(
  schema: Schema,
  primaryKey: readonly string[],
  partitionBy: readonly string[],
): readonly string[] {
  const scalar = schema.fields.filter(({ type }) => !DataType.isStruct(type) && !DataType.isList(type))
  const names = new Set([...primaryKey, ...scalar.slice(0, statsColumns).map(({ name }) => name)])
  return [...names].filter((name) => !partitionBy.includes(name))
}

/** @see Delta Lake protocol, "Per-file Statistics" */
export function formatStats(file: FileStatistics, schema: Schema): string {
  const minValues: string[] = []
  const maxValues: string[] = []
  const nullCount: string[] = []
  for (const { name, type } of schema.fields) {
    const column = file.columns.get(name)
    if (!column) continue
    const key = JSON.stringify(name)
    const { min, max } = boundsOf(column, type)
    if (min !== undefined) minValues.push(`${key}:${min}`)
    if (max !== undefined) maxValues.push(`${key}:${max}`)
    nullCount.push(`${key}:${column.nulls}`)
  }
  const parts = [
    `"numRecords":${file.rows}`,
    `"minValues":{${minValues.join(',')}}`,
    `"maxValues":{${maxValues.join(',')}}`,
    `"nullCount":{${nullCount.join(',')}}`,
  ]
  return `{${parts.join(',')}}`
}

/** As JSON text and not as values, because JSON.stringify knows no integers above 2^53. */
function boundsOf(column: ColumnStatistics, type: DataType): { min: string | undefined; max: string | undefined } {
  const format = formatOf(type)
  return { min: format(column.min), max: format(column.max) }
}

function formatOf(type: DataType): (bound: Bound) => string | undefined {
  if (DataType.isTimestamp(type)) return formatTimestamp
  if (DataType.isDecimal(type)) return formatDecimal
  return DataType.isDate(type) ? formatDate : formatValue
}

type Bound = bigint | number | string | boolean | undefined

function formatValue(value: Bound): string | undefined {
  if (value === undefined) return undefined
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}

/** A number, with all its digits. DuckDB leaves out the zero before the point where the type has no digit there. */
function formatDecimal(value: Bound): string | undefined {
  return typeof value === 'string' ? value.replace(/^(-?)\./, '$10.') : undefined
}

function formatDate(value: Bound): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? JSON.stringify(value) : undefined
}

/** Years of more than four digits have no form that all readers agree on. */
const firstMicros = -62_135_596_800_000_000n
const lastMicros = 253_402_300_799_999_999n

/** ISO 8601 with all six digits: cut to milliseconds, a largest value would be smaller than a row it speaks of. */
function formatTimestamp(micros: Bound): string | undefined {
  if (typeof micros !== 'bigint' || micros < firstMicros || micros > lastMicros) return undefined
  const fraction = ((micros % 1000n) + 1000n) % 1000n
  const iso = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, -1)
  return JSON.stringify(`${iso}${fraction === 0n ? '' : String(fraction).padStart(3, '0')}Z`)
}

/** Rows of a file where its entry says so: other writers need not. */
export function rowsOf(file: AddFile): number | undefined {
  const { numRecords } = parseStats(file)
  return typeof numRecords === 'number' && Number.isSafeInteger(numRecords) ? numRecords : undefined
}

/** Bounds of the key columns of a file, of those that its entry has and that JSON has not rounded. */
export function keyRangesOf(file: AddFile, primaryKey: readonly string[]): Readonly<Record<string, KeyRange>> {
  const { minValues, maxValues } = parseStats(file)
  const ranges: [string, KeyRange][] = []
  for (const name of primaryKey) {
    const [min, max] = [exactBound(minValues, name), exactBound(maxValues, name)]
    if (min !== undefined && max !== undefined) ranges.push([name, { min, max }])
  }
  return Object.fromEntries(ranges)
}

function exactBound(values: unknown, name: string): bigint | string | undefined {
  if (typeof values !== 'object' || values === null || !Object.hasOwn(values, name)) return undefined
  const value: unknown = Reflect.get(values, name)
  if (typeof value === 'string') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined
}

/** Statistics only save work: where they cannot be read, there are none. */
function parseStats(file: AddFile): { numRecords?: unknown; minValues?: unknown; maxValues?: unknown } {
  if (file.stats === undefined) return {}
  try {
    const stats: unknown = JSON.parse(file.stats)
    return typeof stats === 'object' && stats !== null ? stats : {}
  } catch {
    return {}
  }
}
