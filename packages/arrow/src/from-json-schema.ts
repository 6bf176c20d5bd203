import { MillraceError } from '@millrace/core'
import {
  Binary,
  Bool,
  DataType,
  DateDay,
  Field,
  Float64,
  Int64,
  List,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import { isColumnName } from './column-names.ts'
import { deepestNesting } from './infer-type.ts'
import { isJsonField, jsonField } from './json-field.ts'
import { isPlainObject } from './kind.ts'

/** A JSON Schema, or the schema of an OpenAPI document, as `JSON.parse` gives it. */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The columns of rows that a JSON Schema describes.
 *
 * Reads draft 2020-12, draft 7 and OpenAPI 3.0 (`nullable`), with references inside the document. A column is nullable
 * unless the property is required and may not be null. What has no one type (a union, an object of any keys, a schema that
 * refers to itself, or a list or object with such a place in it) is a column of JSON text, as it is where columns are
 * inferred.
 *
 * @throws {MillraceError} `E_SCHEMA` for what does not describe an object with properties, and for a reference that leads
 * nowhere or out of the document.
 * @example
 * fromJsonSchema({ type: 'object', required: ['id'], properties: { id: { type: 'integer' }, at: { type: 'string', format: 'date-time' } } })
 * // => id: Int64 not null, at: Timestamp<MICROSECOND, UTC>
 * @see JSON Schema draft 2020-12, RFC 3339 for the formats; OpenAPI 3.0.3 "Schema Object"
 */
export function fromJsonSchema(schema: JsonSchema): Schema {
  const { type } = new Reader(schema).shapeOf(schema, 0)
  if (!Array.isArray(type)) {
    throw problem('the schema does not describe rows: it must be of an object with properties')
  }
  for (const { name } of type as Field[]) {
    if (!isColumnName(name)) throw problem(`the property ${JSON.stringify(name)} cannot name a column: rename it`)
  }
  return new Schema(type as Field[])
}

/** What a schema allows. */
interface Shape {
  /** The fields of an object, the shape of what is in a list, one of the other types; undefined for nothing but null. */
  readonly type: DataType | readonly Field[] | 'json' | undefined
  readonly nullable: boolean
}

const anything: Shape = { type: 'json', nullable: true }
const nothing: Shape = { type: undefined, nullable: true }

class Reader {
  readonly #root: JsonSchema
  /** A schema is read once, however many refer to it. One that is met while it is read has no end. */
  readonly #known = new Map<unknown, Shape>()

  constructor(root: JsonSchema) {
    this.#root = root
  }

  shapeOf(schema: unknown, depth: number): Shape {
    if (!isPlainObject(schema)) return anything
    const known = this.#known.get(schema)
    if (known !== undefined) return known
    this.#known.set(schema, anything)
    const inside = this.#alternatives(schema, depth)
    const shape = { ...inside, nullable: inside.nullable || schema['nullable'] === true }
    this.#known.set(schema, shape)
    return shape
  }

  #alternatives(schema: JsonSchema, depth: number): Shape {
    const { $ref, anyOf, oneOf, allOf } = schema
    if (typeof $ref === 'string') return this.shapeOf(this.#resolve($ref), depth)
    for (const options of [anyOf, oneOf]) {
      if (Array.isArray(options)) return oneOfShapes(options.map((option) => this.shapeOf(option, depth)))
    }
    if (Array.isArray(allOf)) return this.#all(schema, allOf, depth)
    const { type } = schema
    if (Array.isArray(type)) {
      return oneOfShapes(type.map((each) => this.#typed({ ...schema, type: each as unknown }, depth)))
    }
    return this.#typed(schema, depth)
  }

  /** All of several schemas: the properties of all of them. Of anything but objects, the one that says something. */
  #all(schema: JsonSchema, allOf: readonly unknown[], depth: number): Shape {
    const { allOf: _, ...own } = schema
    const shapes = allOf.map((each) => this.shapeOf(each, depth))
    if (own['properties'] !== undefined) shapes.push(this.#typed(own, depth))
    const said = shapes.filter(({ type }) => type !== 'json')
    const [first] = said
    if (first === undefined) return anything
    if (said.length === 1) return first
    const fields = new Map<string, Field>()
    for (const { type } of said) {
      if (!isFields(type)) return anything
      for (const field of type) fields.set(field.name, field)
    }
    return { type: [...fields.values()], nullable: said.every(({ nullable }) => nullable) }
  }

  #typed(schema: JsonSchema, depth: number): Shape {
    switch (schema['type']) {
      case 'null':
        return nothing
      case 'boolean':
        return { type: new Bool(), nullable: allowsNull(schema) }
      case 'integer':
        return { type: new Int64(), nullable: allowsNull(schema) }
      case 'number':
        return { type: new Float64(), nullable: allowsNull(schema) }
      case 'string':
        return { type: textType(schema), nullable: allowsNull(schema) }
      case 'array':
        return { type: this.#list(schema, depth), nullable: false }
      case 'object':
        return { type: this.#object(schema, depth), nullable: false }
      case undefined:
        return this.#untyped(schema, depth)
      default:
        throw problem(`the schema has the type ${JSON.stringify(schema['type'])}, which JSON Schema does not know`)
    }
  }

  #untyped(schema: JsonSchema, depth: number): Shape {
    if (schema['properties'] !== undefined) return this.#typed({ ...schema, type: 'object' }, depth)
    if (schema['items'] !== undefined) return this.#typed({ ...schema, type: 'array' }, depth)
    const values = Object.hasOwn(schema, 'const') ? [schema['const']] : schema['enum']
    return Array.isArray(values) ? oneOfShapes(values.map(shapeOfValue)) : anything
  }

  #object({ properties, required }: JsonSchema, depth: number): readonly Field[] | 'json' {
    if (!isPlainObject(properties) || depth > deepestNesting) return 'json'
    const always = new Set(Array.isArray(required) ? required : [])
    const fields: Field[] = []
    for (const [name, schema] of Object.entries(properties)) {
      const { type, nullable } = this.shapeOf(schema, depth + 1)
      // A column of nothing but nulls comes with its first value.
      if (type !== undefined) fields.push(toField(name, type, nullable || !always.has(name)))
    }
    return fields.length === 0 ? 'json' : fields
  }

  #list({ items, prefixItems }: JsonSchema, depth: number): DataType | 'json' {
    const places = [prefixItems ?? [], items ?? []].flat().filter((each) => each !== false)
    if (places.length === 0 || depth > deepestNesting) return 'json'
    const { type } = oneOfShapes(places.map((each) => this.shapeOf(each, depth + 1)))
    const whole = type === undefined ? undefined : wholeType(type)
    return whole === undefined ? 'json' : new List(new Field('element', whole, true))
  }

  /** @see RFC 6901 (JSON Pointer), in a fragment of a URI */
  #resolve(ref: string): unknown {
    if (!/^#(\/|$)/.test(ref)) {
      throw problem(
        `the schema refers to "${ref}": only references within it (#/$defs/…) can be followed, so put it in`,
      )
    }
    let at: unknown = this.#root
    for (const part of decodeURIComponent(ref).split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const isThere = typeof at === 'object' && at !== null && Object.hasOwn(at, key)
      if (!isThere) throw problem(`the schema refers to "${ref}", and there is nothing at that place in it`)
      at = (at as JsonSchema)[key]
    }
    return at
  }
}

function isFields(type: Shape['type']): type is readonly Field[] {
  return Array.isArray(type)
}

function toField(name: string, type: NonNullable<Shape['type']>, nullable: boolean): Field {
  const whole = wholeType(type)
  return whole === undefined ? jsonField(name, nullable) : new Field(name, whole, nullable)
}

/** Undefined where a place inside has no one type, or a name that readers would not tell from another. */
function wholeType(type: NonNullable<Shape['type']>): DataType | undefined {
  if (type === 'json') return undefined
  if (!isFields(type)) return type
  const names = new Set(type.map(({ name }) => name.toLowerCase()))
  const isSound = names.size === type.length && type.every((field) => isColumnName(field.name) && !isJsonField(field))
  return isSound ? new Struct([...type]) : undefined
}

function oneOfShapes(shapes: readonly Shape[]): Shape {
  const nullable = shapes.some((shape) => shape.nullable)
  const types = shapes.map(({ type }) => type).filter((type) => type !== undefined)
  const [first, ...others] = types
  if (first === undefined) return nothing
  if (others.every((type) => nameOf(type) === nameOf(first))) return { type: first, nullable }
  const isNumber = types.every((type) => ['Int64', 'Float64'].includes(nameOf(type)))
  return { type: isNumber ? new Float64() : 'json', nullable }
}

/** The type in words, with what may be null in it: the library's own leave that out. */
function nameOf(type: NonNullable<Shape['type']>): string {
  if (type === 'json') return type
  const fields = isFields(type) ? type : type.children
  if (!fields?.length) return String(type)
  const names = fields.map((field) => JSON.stringify([field.name, field.nullable, nameOf(field.type)]))
  return `${DataType.isList(type) ? 'list' : 'struct'} of ${names.join()}`
}

function shapeOfValue(value: unknown): Shape {
  if (value === null) return nothing
  if (typeof value === 'string') return { type: new Utf8(), nullable: false }
  if (typeof value === 'boolean') return { type: new Bool(), nullable: false }
  if (typeof value !== 'number') return { type: 'json', nullable: false }
  return { type: Number.isSafeInteger(value) ? new Int64() : new Float64(), nullable: false }
}

/** A value may be null where a list of values says so, whatever its type. */
function allowsNull({ enum: values }: JsonSchema): boolean {
  return Array.isArray(values) && values.includes(null)
}

function textType({ format, contentEncoding }: JsonSchema): DataType {
  if (contentEncoding === 'base64' || format === 'byte' || format === 'binary') return new Binary()
  if (format === 'date-time') return new TimestampMicrosecond('UTC')
  if (format === 'date') return new DateDay()
  return format === 'time' ? new TimeMicrosecond() : new Utf8()
}

function problem(what: string): MillraceError {
  return new MillraceError('E_SCHEMA', `fromJsonSchema: ${what}`)
}
