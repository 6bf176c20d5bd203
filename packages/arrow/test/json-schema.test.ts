import { fromJsonSchema, fromStandardSchema, isJsonField, type JsonSchema } from '@millrace/arrow'
import type { StandardSchema } from '@millrace/core'
import type { Field, Schema } from 'apache-arrow'
import { type } from 'arktype'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { z } from 'zod'
import { failureBy } from '../../../test/support/failure-by.ts'

const it = suite('fromJsonSchema')

const utc = 'Timestamp<MICROSECOND, UTC>'

/** `name: type`, `json` for JSON text, `!` for not null; of structs too. */
function written({ fields }: Pick<Schema, 'fields'>): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field.name, typeOf(field) + (field.nullable ? '' : '!')]))
}

function typeOf(field: Field): string {
  if (isJsonField(field)) return 'json'
  const inside: readonly Field[] = field.type.children ?? []
  if (inside.length === 0) return String(field.type)
  return `${String(field.type).split('<')[0]} ${JSON.stringify(written({ fields: [...inside] })).replaceAll('"', '')}`
}

/** What a property `a` of the schema becomes. */
const one = (schema: unknown, rest: JsonSchema = {}): string | undefined =>
  written(fromJsonSchema({ type: 'object', properties: { a: schema, also: true }, ...rest }))['a']

it('gives each type and format its column', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [{ type: 'integer' }, 'Int64'],
    [{ type: 'integer', format: 'int32' }, 'Int64'],
    [{ type: 'number' }, 'Float64'],
    [{ type: 'boolean' }, 'Bool'],
    [{ type: 'string' }, 'Utf8'],
    [{ type: 'string', format: 'date-time' }, utc],
    [{ type: 'string', format: 'date' }, 'Date32<DAY>'],
    [{ type: 'string', format: 'time' }, 'Time64<MICROSECOND>'],
    [{ type: 'string', format: 'byte' }, 'Binary'],
    [{ type: 'string', format: 'binary' }, 'Binary'],
    [{ type: 'string', contentEncoding: 'base64' }, 'Binary'],
    [{ type: 'string', format: 'uuid', pattern: '^.*$' }, 'Utf8'],
    [{ enum: ['a', 'b'] }, 'Utf8'],
    [{ enum: [1, 2] }, 'Int64'],
    [{ enum: [1, 2.5] }, 'Float64'],
    [{ enum: ['a', 1] }, 'json'],
    [{ const: true }, 'Bool'],
    [{ const: null, default: 1 }, 'none'],
    [{ type: 'null' }, 'none'],
    [{ type: 'array', items: { type: 'integer' } }, 'List {element:Int64}'],
    [{ items: { type: 'integer' } }, 'List {element:Int64}'],
    [{ type: 'array', items: { type: ['string', 'null'] } }, 'List {element:Utf8}'],
    [{ type: 'array' }, 'json'],
    [{ type: 'array', items: {} }, 'json'],
    [{ type: 'array', items: { type: 'null' } }, 'json'],
    [{ type: 'array', prefixItems: [{ type: 'integer' }, { type: 'number' }], items: false }, 'List {element:Float64}'],
    [{ type: 'array', items: [{ type: 'string' }, { type: 'boolean' }] }, 'json'],
    [{ type: 'object' }, 'json'],
    [{ type: 'object', properties: {} }, 'json'],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, 'json'],
    [{}, 'json'],
    [true, 'json'],
    [{ type: ['integer', 'string'] }, 'json'],
    [{ type: ['integer', 'number'] }, 'Float64'],
    [{ oneOf: [{ type: 'string' }, { type: 'boolean' }] }, 'json'],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'Utf8'],
    [{ anyOf: [{ type: 'string' }, { type: 'string', maxLength: 3 }] }, 'Utf8'],
    [{ anyOf: [{ type: 'string' }, { type: 'string', format: 'date' }] }, 'json'],
  ]
  for (const [schema, expected] of cases) assert.is(one(schema) ?? 'none', expected, JSON.stringify(schema))
})

it('makes a column nullable unless it is required and may not be null', () => {
  const required = { required: ['a'] }
  assert.is(one({ type: 'string' }), 'Utf8')
  assert.is(one({ type: 'string' }, required), 'Utf8!')
  for (const schema of [
    { type: ['string', 'null'] },
    { type: 'string', nullable: true },
    { type: 'string', enum: ['a', null] },
    { enum: ['a', null] },
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    { oneOf: [{ type: 'null' }, { $ref: '#/$defs/name' }] },
    { allOf: [{ $ref: '#/$defs/name' }], nullable: true },
  ]) {
    assert.is(one(schema, { ...required, $defs: { name: { type: 'string' } } }), 'Utf8', JSON.stringify(schema))
  }
  assert.is(one({}, required), 'json')
  assert.is(one({ type: 'object' }, required), 'json!')
})

it('makes a struct of an object, whose members are nullable unless they are required', () => {
  const user = {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'integer' },
      born: { type: 'string', format: 'date' },
      tags: { type: 'array', items: { type: 'string' } },
    },
  }
  assert.is(one(user), 'Struct {id:Int64!,born:Date32<DAY>,tags:List {element:Utf8}}')
  assert.is(
    one({ type: 'array', items: user }),
    'List {element:Struct {id:Int64!,born:Date32<DAY>,tags:List {element:Utf8}}}',
  )
})

it('makes JSON text of an object or list with a place in it that has no one type, as inference does', () => {
  const cases = [
    { properties: { b: { type: 'integer' }, c: {} } },
    { properties: { b: { type: 'object', properties: { c: { type: ['integer', 'string'] } } } } },
    { type: 'array', items: { properties: { b: {} } } },
    { properties: { id: { type: 'integer' }, ID: { type: 'integer' } } },
    { properties: { '': { type: 'integer' } } },
    { anyOf: [{ properties: { b: { type: 'integer' } } }, { properties: { c: { type: 'integer' } } }] },
  ]
  for (const schema of cases) assert.is(one(schema), 'json', JSON.stringify(schema))
  const nested = (depth: number): JsonSchema =>
    depth === 0 ? { type: 'integer' } : { type: 'object', properties: { a: nested(depth - 1) } }
  assert.match(one(nested(49)) ?? '', /^Struct/)
  assert.is(one(nested(60)), 'json')
})

it('follows references of all three dialects, and takes one that leads back for JSON', () => {
  for (const place of [['$defs'], ['definitions'], ['components', 'schemas']]) {
    const named = { 'a/b ~c': { type: 'object', properties: { id: { type: 'integer' } } } }
    const at = place.reduceRight<JsonSchema>((inner, part) => ({ [part]: inner }), named)
    assert.is(one({ $ref: `#/${place.join('/')}/a~1b%20~0c` }, at), 'Struct {id:Int64}')
  }
  const tree = { type: 'object', properties: { v: { type: 'integer' }, next: { $ref: '#/$defs/tree' } } }
  assert.is(one({ $ref: '#/$defs/tree' }, { $defs: { tree } }), 'json')
  assert.equal(written(fromJsonSchema({ $ref: '#/$defs/tree', $defs: { tree } })), { v: 'Int64', next: 'json' })
  assert.equal(written(fromJsonSchema({ properties: { v: { type: 'integer' }, next: { $ref: '#' } } })), {
    v: 'Int64',
    next: 'json',
  })
  assert.is(one({ $ref: '#/$defs/a' }, { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }), 'json')
})

it('reads a document in which everything refers to everything once', () => {
  const names = Array.from({ length: 200 }, (_, index) => `s${index}`)
  const $defs = Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        type: 'object',
        properties: Object.fromEntries(names.slice(index + 1).map((other) => [other, { $ref: `#/$defs/${other}` }])),
      },
    ]),
  )
  assert.is(one({ $ref: '#/$defs/s0' }, { $defs }), 'json')
})

it('takes allOf for all the properties of all its parts', () => {
  const base = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } }
  const schema = {
    $defs: { base },
    allOf: [{ $ref: '#/$defs/base' }, { properties: { name: { type: 'string' } } }, { description: 'says nothing' }],
  }
  assert.equal(written(fromJsonSchema(schema)), { id: 'Int64!', name: 'Utf8' })
  assert.equal(written(fromJsonSchema({ ...base, allOf: [{ properties: { at: { type: 'boolean' } } }] })), {
    at: 'Bool',
    id: 'Int64!',
  })
  assert.is(one({ allOf: [{ type: 'string' }, { type: 'boolean' }] }), 'json')
})

it('refuses what describes no rows, and references that lead nowhere', () => {
  const cases: readonly (readonly [JsonSchema, string])[] = [
    [{ type: 'string' }, 'the schema does not describe rows: it must be of an object with properties'],
    [{ type: 'object' }, 'the schema does not describe rows'],
    [{}, 'the schema does not describe rows'],
    [{ properties: { a: { $ref: '#/$defs/x' } } }, 'refers to "#/$defs/x", and there is nothing at that place'],
    [{ properties: { a: { $ref: '#/__proto__' } } }, 'there is nothing at that place'],
    [{ properties: { a: { $ref: 'https://example.com/a.json' } } }, 'only references within it'],
    [{ properties: { a: { type: 'int' } } }, 'the type "int", which JSON Schema does not know'],
    [{ properties: { '': { type: 'integer' } } }, 'the property "" cannot name a column'],
  ]
  for (const [schema, said] of cases) {
    const { code, message } = failureBy(() => fromJsonSchema(schema))
    assert.is(code, 'E_SCHEMA')
    assert.match(message, said)
  }
})

it('takes a schema of zod, as it says it', () => {
  const Node = z.object({
    v: z.int(),
    get next() {
      return Node.nullable()
    },
  })
  const schema = z.object({
    id: z.int(),
    score: z.number().nullable(),
    name: z.string().optional(),
    at: z.iso.datetime(),
    day: z.iso.date(),
    kind: z.enum(['a', 'b']),
    either: z.union([z.string(), z.number()]),
    items: z.array(z.object({ sku: z.string(), ok: z.boolean().nullish() })),
    map: z.record(z.string(), z.number()),
    pair: z.tuple([z.int(), z.number()]),
    bytes: z.base64(),
    size: z.number().default(1),
    tree: Node,
  })
  assert.equal(written(fromStandardSchema(schema)), {
    id: 'Int64!',
    score: 'Float64',
    name: 'Utf8',
    at: `${utc}!`,
    day: 'Date32<DAY>!',
    kind: 'Utf8!',
    either: 'json!',
    items: 'List {element:Struct {sku:Utf8!,ok:Bool}}!',
    map: 'json!',
    pair: 'List {element:Float64}!',
    bytes: 'Binary!',
    size: 'Float64',
    tree: 'json!',
  })
})

it('takes a schema of arktype, as it says it', () => {
  const schema = type({ id: 'number.integer', 'note?': 'string | null', at: 'string.date.iso', tags: 'string[]' })
  assert.equal(written(fromStandardSchema(schema)), {
    at: 'Utf8!',
    id: 'Int64!',
    tags: 'List {element:Utf8}!',
    note: 'Utf8',
  })
})

it('refuses a library, or a type of one, that cannot say what it is', () => {
  const cases: readonly (readonly [StandardSchema, string])[] = [
    [
      v.object({ id: v.number() }),
      'the schema of valibot does not say its types as JSON Schema by itself: give the columns',
    ],
    [
      z.object({ id: z.bigint() }),
      'the schema of zod cannot say its types as JSON Schema (BigInt cannot be represented',
    ],
    [z.object({ at: z.date() }), 'Date cannot be represented in JSON Schema'],
  ]
  for (const [schema, said] of cases) {
    const { code, message } = failureBy(() => fromStandardSchema(schema))
    assert.is(code, 'E_SCHEMA')
    assert.match(message, said)
  }
})

it.run()
