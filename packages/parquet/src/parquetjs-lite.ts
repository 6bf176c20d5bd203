import { conformBatch } from '@millrace/arrow'
import { MillraceError } from '@millrace/core'
import {
  type Data,
  DataType,
  DateUnit,
  type Field,
  Precision,
  type RecordBatch,
  type Schema,
  TimeUnit,
} from 'apache-arrow'
import type { FieldDefinition, ParquetSchema } from 'parquetjs-lite'
import { attempt } from './attempt.ts'
import { checkOptions } from './check-options.ts'
import type { EncodeOptions, ParquetEncoder } from './parquet-encoder.ts'
import { requireColumns } from './require-columns.ts'

/** Rows per row group: the library's own number. It holds them as one JavaScript value per cell. */
export const defaultLiteRowGroupRows = 4_096

const codecs = { snappy: 'SNAPPY', gzip: 'GZIP', none: 'UNCOMPRESSED' } as const

const failed = 'parquetjs-lite could not encode the rows'

/**
 * The small encoder: pure JavaScript, no WebAssembly, row by row. Booleans, integers, floats, text, bytes, dates,
 * times and UTC timestamps; snappy (its default), gzip or no compression. No decimals and no timestamps without a zone,
 * whose annotations it does not know; no lists or structs: convert with `nested: 'json'`. No statistics in the file, so
 * readers cannot skip row groups.
 *
 * Memory: one row group of rows, and the one batch they come from.
 */
export function parquetjsLite(): ParquetEncoder {
  return Object.freeze({ name: 'parquetjs-lite', encode })
}

async function* encode(
  schema: Schema,
  batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
  options: EncodeOptions = {},
): AsyncGenerator<Uint8Array, undefined> {
  const codec = checkForLite(schema, options)
  const { rowGroupRows = defaultLiteRowGroupRows, metadata = {} } = options
  const fileSchema = await toFileSchema(schema, codec)

  const pieces: Uint8Array[] = []
  const output = {
    write: (bytes: Uint8Array, done: () => void): void => {
      pieces.push(bytes)
      done()
    },
    end: (done: () => void): void => done(),
  }
  const { default: parquet } = await import('parquetjs-lite')
  const writer = await attempt(failed, () =>
    // Its page index lacks a required field, and version 1 pages are the ones that every reader knows.
    parquet.ParquetWriter.openStream(fileSchema, output, {
      rowGroupSize: rowGroupRows,
      pageIndex: false,
      useDataPageV2: false,
    }),
  )
  for (const [key, value] of Object.entries(metadata)) writer.setMetadata(key, value)
  for await (const batch of batches) {
    for (const row of rowsOf(conformBatch(batch, schema))) {
      await attempt(failed, () => writer.appendRow(row))
      if (pieces.length > 0) yield* pieces.splice(0)
    }
  }
  annotate(schema, fileSchema)
  await attempt(failed, () => writer.close())
  yield* pieces
}

/** Refuses what this encoder cannot write, before anything is read. */
export function checkForLite(schema: Schema, options: EncodeOptions): FieldDefinition['compression'] {
  checkOptions(options)
  requireColumns(schema)
  refuseOptions(options)
  const { compression = 'snappy' } = options
  if (compression === 'zstd') {
    throw new MillraceError(
      'E_UNSUPPORTED_COMPRESSION',
      "parquetjs-lite cannot compress with zstd: use 'snappy', 'gzip' or 'none', or the encoder parquetWasm()",
    )
  }
  for (const field of schema.fields) fileType(field)
  return codecs[compression]
}

/** What it does not do by itself, it may be told not to do. */
function refuseOptions({ rowGroupBytes, pageBytes, dictionary = false, statistics = 'none' }: EncodeOptions): void {
  const asked = { rowGroupBytes, pageBytes, dictionary: dictionary === true || undefined, statistics }
  for (const [name, value] of Object.entries(asked)) {
    if (value === undefined || value === 'none') continue
    throw new MillraceError(
      'E_UNSUPPORTED_OPTION',
      `parquetjs-lite has no ${name}, got ${value}: leave it out, or use the encoder parquetWasm()`,
      { context: { option: name } },
    )
  }
}

/**
 * Types of ours, added to the library's table: its own rounds integers above 2^53, refuses timestamps before 1970, and
 * drops the sign of `-0`. Its encoder does none of this when it is handed the value as it is.
 */
const exactTypes = ['INT32', 'INT64', 'FLOAT', 'DOUBLE'].map((primitiveType) => ({
  primitiveType,
  originalType: `MILLRACE_${primitiveType}`,
}))

const asItIs = (value: unknown): unknown => value

async function toFileSchema(schema: Schema, compression: FieldDefinition['compression']): Promise<ParquetSchema> {
  const { default: parquet } = await import('parquetjs-lite')
  const { default: types } = await import('parquetjs-lite/lib/types.js')
  for (const type of exactTypes) {
    types.PARQUET_LOGICAL_TYPES[type.originalType] ??= { ...type, toPrimitive: asItIs }
  }
  const definition: Record<string, FieldDefinition> = {}
  for (const field of schema.fields) {
    const { type } = fileType(field)
    definition[field.name] = { type, optional: field.nullable, compression, statistics: false }
  }
  const fileSchema = await attempt(failed, () => new parquet.ParquetSchema(definition))
  // An object lists keys such as "2" before all others: the order of the columns is ours to restore.
  fileSchema.fieldList = schema.fields.map(
    (field) => fileSchema.fields[field.name] as ParquetSchema['fieldList'][number],
  )
  return fileSchema
}

interface FileType {
  /** What the values are to the library. */
  readonly type: string
  /** What the footer says of them. */
  readonly annotation?: string
}

function fileType({ name, type }: Field): FileType {
  if (name === '__proto__') throw unsupported(name, 'has a name that parquetjs-lite cannot write')
  if (DataType.isBool(type)) return { type: 'BOOLEAN' }
  if (DataType.isInt(type) && type.isSigned) return integerType(type.bitWidth)
  if (DataType.isFloat(type) && type.precision === Precision.DOUBLE) return { type: 'MILLRACE_DOUBLE' }
  if (DataType.isFloat(type) && type.precision === Precision.SINGLE) return { type: 'MILLRACE_FLOAT' }
  if (DataType.isUtf8(type)) return { type: 'UTF8' }
  if (DataType.isBinary(type)) return { type: 'BYTE_ARRAY' }
  if (DataType.isDate(type) && type.unit === DateUnit.DAY) return { type: 'MILLRACE_INT32', annotation: 'DATE' }
  if (DataType.isTime(type) && type.unit === TimeUnit.MICROSECOND) {
    return { type: 'MILLRACE_INT64', annotation: 'TIME_MICROS' }
  }
  // Without a zone it would need the newer annotation: the older one, which the library knows, says that it is UTC.
  if (DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND && type.timezone === 'UTC') {
    return { type: 'MILLRACE_INT64', annotation: 'TIMESTAMP_MICROS' }
  }
  throw unsupported(name, `is ${type}, which parquetjs-lite cannot write`)
}

function integerType(bits: number): FileType {
  if (bits === 64) return { type: 'MILLRACE_INT64' }
  return bits === 32 ? { type: 'MILLRACE_INT32' } : { type: 'MILLRACE_INT32', annotation: `INT_${bits}` }
}

function unsupported(column: string, what: string): MillraceError {
  return new MillraceError(
    'E_UNSUPPORTED_TYPE',
    `column "${column}" ${what}: use the encoder parquetWasm(), or convert with nested: 'json'`,
    { context: { column } },
  )
}

/** Annotated values pass the library as plain integers, and become what they are in the footer, which is written last. */
function annotate(schema: Schema, fileSchema: ParquetSchema): void {
  for (const field of schema.fields) {
    const written = fileSchema.fields[field.name]
    const { annotation } = fileType(field)
    if (written && annotation !== undefined) written.originalType = annotation
  }
}

function* rowsOf(batch: RecordBatch): Generator<object> {
  const names = batch.schema.fields.map((field) => field.name)
  const columns = batch.data.children.map(cellsOf)
  for (let r = 0; r < batch.numRows; r++) {
    const row: Record<string, unknown> = {}
    for (let c = 0; c < names.length; c++) row[names[c] as string] = columns[c]?.[r]
    yield row
  }
}

/** The cells of a column as the library wants them: bigint, number, boolean, bytes of UTF-8, null. */
function cellsOf(data: Data): unknown[] {
  const { type, length, values, valueOffsets } = data
  const cells = new Array<unknown>(length)
  for (let i = 0; i < length; i++) {
    if (!data.getValid(i)) cells[i] = null
    else if (DataType.isUtf8(type) || DataType.isBinary(type))
      cells[i] = Buffer.from(values.subarray(valueOffsets[i], valueOffsets[i + 1]))
    else if (DataType.isBool(type))
      cells[i] = ((values[(data.offset + i) >> 3] ?? 0) & (1 << ((data.offset + i) & 7))) !== 0
    else cells[i] = values[i]
  }
  return cells
}
