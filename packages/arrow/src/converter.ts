import { MillraceError, type Row } from '@millrace/core'
import { type Data, type DataType, Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow'
import { buildData } from './build-data.ts'
import { columnNames } from './column-names.ts'
import { fits, fittingKinds, isColumnType } from './fits.ts'
import { inferType, kindsOf } from './infer-type.ts'
import { jsonText } from './json-text.ts'
import { kind, kindOf, notJson } from './kind.ts'
import { UnstorableError } from './unstorable-error.ts'
import { type VariantType, variantBase, variantName, variantTypeOf, variantTypes, variantValue } from './variant.ts'

export interface ConverterOptions {
  /** Columns to start from: a table's present schema. New ones are added after them. */
  readonly schema?: Schema
  /** Objects and lists as struct and list columns, or as JSON text. Default `native`: readers can then select inside. */
  readonly nested?: 'native' | 'json'
  /** Told of each column as it is added, variant columns included. */
  readonly onColumn?: (field: Field) => void
}

/** Turns rows into record batches, page by page. Its schema only ever grows. */
export interface Converter {
  /** All columns so far, in order of first appearance. */
  readonly schema: Schema
  /**
   * One batch of all the columns so far; what a row does not have is null. Nothing changes when it throws.
   *
   * @throws {MillraceError} `E_ROW`, `E_VALUE`, `E_COLUMN_NAME`, `E_COLUMN_COLLISION`, `E_BATCH_TOO_LARGE`.
   */
  convert(rows: readonly Row[]): RecordBatch
}

/**
 * A converter with the types of the first values it sees in each column, or of a table that exists.
 *
 * A value that does not fit its column is stored in `<column>__v_<type>` beside it: nothing is dropped, nothing rounded.
 *
 * @throws {MillraceError} `E_UNSUPPORTED_TYPE` where `schema` has a column that no row can be stored in.
 * @example
 * const converter = createConverter()
 * converter.convert([{ id: 1 }, { id: 'x' }]).schema.names // => ['id']: a mixed first page is text
 * converter.convert([{ id: 2 }]).schema.names // => ['id']
 */
export function createConverter(options: ConverterOptions = {}): Converter {
  const { schema: start = new Schema([]), nested = 'native', onColumn } = options
  for (const field of start.fields) {
    if (isColumnType(field.type)) continue
    throw new MillraceError(
      'E_UNSUPPORTED_TYPE',
      `column "${field.name}" has the type ${field.type}: rows can be stored as Bool, Int64, Float64, Utf8, Timestamp<MICROSECOND, UTC>, and structs and lists of these`,
      { context: { column: field.name } },
    )
  }
  let schema = start
  return Object.freeze({
    get schema(): Schema {
      return schema
    },
    convert: (rows: readonly Row[]): RecordBatch => {
      const page = new PageColumns(rows.length, schema.fields)
      for (const name of columnNames(rows)) addColumn(page, name, columnValues(rows, name), nested)
      if (page.added.length > 0) schema = new Schema([...schema.fields, ...page.added], schema.metadata)
      const batch = page.toBatch(schema)
      if (onColumn) for (const field of page.added) onColumn(field)
      return batch
    },
  })
}

/** The columns of one page while they are made: thrown away as a whole where one of them fails. */
class PageColumns {
  readonly added: Field[] = []
  readonly #fields: Map<string, Field>
  readonly #data = new Map<string, Data>()
  readonly #rows: number

  constructor(rows: number, fields: readonly Field[]) {
    this.#rows = rows
    this.#fields = new Map(fields.map((field) => [field.name, field]))
  }

  type(name: string): DataType | undefined {
    return this.#fields.get(name)?.type
  }

  set(name: string, type: DataType, values: readonly unknown[]): void {
    if (!this.#fields.has(name)) {
      const field = new Field(name, type, true)
      this.#fields.set(name, field)
      this.added.push(field)
    }
    this.#data.set(name, buildData(type, values))
  }

  toBatch(schema: Schema): RecordBatch {
    const length = this.#rows
    const children = schema.fields.map(
      (field) => this.#data.get(field.name) ?? buildData(field.type, new Array(length)),
    )
    return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }))
  }
}

function columnValues(rows: readonly Row[], name: string): readonly unknown[] {
  const values = new Array<unknown>(rows.length)
  // Every object inherits `constructor`, `__proto__` and others: a row without such a key must not read as having one.
  const inherited = name in Object.prototype
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] as Row
    values[r] = inherited && !Object.hasOwn(row, name) ? undefined : row[name]
  }
  return values
}

function addColumn(page: PageColumns, name: string, values: readonly unknown[], nested: 'native' | 'json'): void {
  try {
    const kinds = kindsOf(values)
    if (kinds === 0) return
    const known = page.type(name)
    refuseCollision(page, name, known !== undefined)
    const type = known ?? inferType(values, kinds, nested)
    if (type === undefined) return
    const whole = known === undefined ? (kinds & kind.brokenText) === 0 : (kinds & ~fittingKinds(type)) === 0
    if (whole) page.set(name, type, values)
    else addSplit(page, name, type, values)
  } catch (thrown) {
    throw thrown instanceof UnstorableError ? valueError(name, values, thrown) : thrown
  }
}

/** Values that fit go to the column, the others each to the variant of its type. */
function addSplit(page: PageColumns, name: string, type: DataType, values: readonly unknown[]): void {
  const fitting = values.slice()
  const variants = new Map<VariantType, unknown[]>()
  for (let r = 0; r < values.length; r++) {
    const value = values[r]
    if (value === null || value === undefined || fits(type, value)) continue
    fitting[r] = null
    const variant = variantTypeOf(value)
    const column = variants.get(variant) ?? new Array<unknown>(values.length)
    column[r] = variantValue(variant, value)
    variants.set(variant, column)
  }
  page.set(name, type, fitting)
  for (const [variant, column] of variants) {
    const other = variantName(name, variant)
    // A table that came from elsewhere may have a column of this name for a purpose of its own.
    if (String(page.type(other) ?? variantTypes[variant]) !== String(variantTypes[variant]))
      throw collision(name, other)
    page.set(other, variantTypes[variant], column)
  }
}

/** Rows must bring no column of a name that a variant of another column has or could get. */
function refuseCollision(page: PageColumns, name: string, known: boolean): void {
  const base = variantBase(name)
  if (base !== undefined && page.type(base) !== undefined) throw collision(base, name)
  if (known) return
  for (const variant of Object.keys(variantTypes) as VariantType[]) {
    const other = variantName(name, variant)
    if (page.type(other) !== undefined) throw collision(name, other)
  }
}

function collision(base: string, variant: string): MillraceError {
  return new MillraceError(
    'E_COLUMN_COLLISION',
    `the rows have the columns "${base}" and "${variant}", and the second is the name under which values that do not fit "${base}" are kept: rename one of them`,
    { context: { column: variant, base } },
  )
}

function valueError(name: string, values: readonly unknown[], thrown: UnstorableError): MillraceError {
  const row = values.findIndex(isUnstorable)
  return new MillraceError(
    'E_VALUE',
    `row ${row}, column "${name}" holds ${thrown.message}, which no column can store: turn it into a string, a finite number or null first`,
    { context: { row, column: name }, cause: thrown },
  )
}

function isUnstorable(value: unknown): boolean {
  if (kindOf(value) === notJson) return true
  try {
    jsonText(value)
    return false
  } catch {
    return true
  }
}
