import { Bool, type DataType, Field, Float64, Int64, List, Struct, TimestampMicrosecond, Utf8 } from 'apache-arrow'
import { isExactFloat } from './builders/build-float.ts'
import { isColumnName } from './column-names.ts'
import { kind, kindOf, notJson } from './kind.ts'
import { ownValue } from './own-value.ts'
import { parseTimestamp } from './timestamp.ts'
import { UnstorableError } from './unstorable-error.ts'

/**
 * Deepest value that becomes nested columns; beyond this it is kept as text. Readers recurse once per level, and Arrow's in
 * Rust, which writes the Parquet files, refuses a schema of more than 60.
 */
export const deepestNesting = 50

type PlainObject = Readonly<Record<string, unknown>>

const bool = new Bool()
const int64 = new Int64()
const float64 = new Float64()
const timestamp = new TimestampMicrosecond('UTC')

/** The one type for text, and for all that has no type of its own. */
export const utf8: Utf8 = new Utf8()

/** The types of single values, by the names that variant columns carry. */
export const scalarTypes: Readonly<Record<'bool' | 'int64' | 'float64' | 'utf8' | 'timestamp', DataType>> = {
  bool,
  int64,
  float64,
  utf8,
  timestamp,
}

/**
 * The type of a new column, or undefined where all its values are null.
 *
 * Utf8 is the answer wherever no other type holds every value without loss.
 *
 * @param kinds The kinds of all values together, see {@link kindsOf}.
 */
export function inferType(values: readonly unknown[], kinds: number, nested: 'native' | 'json'): DataType | undefined {
  if (nested === 'json' && (kinds & (kind.object | kind.list)) !== 0) return utf8
  const type = infer(values, kinds, 1)
  return type === 'text' ? utf8 : type
}

/** The type of a new member of objects; undefined where its values are all null, or no one type holds them. */
export function inferNested(values: readonly unknown[], depth: number): DataType | undefined {
  const type = infer(values, kindsOf(values), depth)
  return type === 'text' ? undefined : type
}

/** The kinds of all values, as bits of {@link kind}. */
export function kindsOf(values: readonly unknown[]): number {
  let kinds = 0
  for (let i = 0; i < values.length; i++) {
    const one = kindOf(values[i])
    if (one === notJson) throw new UnstorableError(values[i])
    kinds |= one
  }
  return kinds
}

/** `'text'` where these values, or values inside them, are not all of one kind that Arrow and Parquet can carry. */
function infer(values: readonly unknown[], kinds: number, depth: number): DataType | 'text' | undefined {
  if (kinds === 0) return undefined
  if (kinds === kind.bool) return bool
  if ((kinds & ~(kind.int | kind.bigint)) === 0) return int64
  if ((kinds & ~(kind.int | kind.bigint | kind.float)) === 0) {
    return (kinds & kind.bigint) === 0 || allExact(values) ? float64 : 'text'
  }
  if (kinds === kind.text) return allTimestamps(values) ? timestamp : utf8
  if (depth > deepestNesting) return 'text'
  if (kinds === kind.object) return inferStruct(values as readonly (PlainObject | null)[], depth)
  if (kinds === kind.list) return inferList(values as readonly (readonly unknown[] | null)[], depth)
  return 'text'
}

function inferStruct(objects: readonly (PlainObject | null)[], depth: number): DataType | 'text' {
  const names = new Set<string>()
  for (const object of objects) if (object) for (const name of Object.keys(object)) names.add(name)

  const fields: Field[] = []
  const folded = new Set<string>()
  for (const name of names) {
    const members: unknown[] = []
    for (const object of objects) if (object) members.push(ownValue(object, name))
    const type = infer(members, kindsOf(members), depth + 1)
    if (type === 'text') return 'text'
    if (type === undefined) continue
    // DuckDB, Spark and Delta take `id` and `ID` for one name.
    if (folded.has(name.toLowerCase()) || !isColumnName(name)) return 'text'
    folded.add(name.toLowerCase())
    fields.push(new Field(name, type, true))
  }
  // Parquet cannot carry a struct without fields.
  return fields.length === 0 ? 'text' : new Struct(fields)
}

function inferList(lists: readonly (readonly unknown[] | null)[], depth: number): DataType | 'text' {
  const elements: unknown[] = []
  for (const list of lists) if (list) for (let i = 0; i < list.length; i++) elements.push(list[i])
  const type = infer(elements, kindsOf(elements), depth + 1)
  return type === undefined || type === 'text' ? 'text' : new List(new Field('element', type, true))
}

function allExact(values: readonly unknown[]): boolean {
  for (const value of values) if (typeof value === 'bigint' && !isExactFloat(value)) return false
  return true
}

function allTimestamps(values: readonly unknown[]): boolean {
  for (const value of values) if (typeof value === 'string' && parseTimestamp(value) === undefined) return false
  return true
}
