import { fromJsonSchema } from '@millrace/arrow'
import type { SchemaHints, Stream } from '@millrace/pipeline'
import { type RestConfig, restSource } from '@millrace/rest'
import { type } from 'arktype'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { z } from 'zod'
import { problemLinesOf } from '../../../test/support/config-problems.ts'

const it = suite('columns of a configuration')

const client = { base_url: 'https://api.example.com' }

type Config = Readonly<Record<string, unknown>>

/** The streams of a configuration in whatever spelling. */
function streamsOf(resources: readonly unknown[], defaults?: Config): readonly Stream[] {
  const config = { client, resources, ...(defaults && { resource_defaults: defaults }) }
  return restSource(config as unknown as RestConfig).streams()
}

const schemaOf = (resource: Config, defaults?: Config): SchemaHints | undefined =>
  streamsOf([{ name: 'a', ...resource }], defaults)[0]?.schema

const problems = (resource: Config, defaults?: Config): string[] =>
  problemLinesOf({ client, resources: [{ name: 'a', ...resource }], ...(defaults && { resource_defaults: defaults }) })

it('takes the hints of dlt by name and as a list, in both spellings', () => {
  const hints = { id: { dataType: 'bigint', nullable: false }, price: { dataType: 'decimal', precision: 12, scale: 2 } }
  for (const columns of [
    { id: { data_type: 'bigint', nullable: false }, price: { data_type: 'decimal', precision: 12, scale: 2 } },
    { id: { name: 'id', dataType: 'bigint', nullable: false, description: 'a number' }, price: hints.price },
    [
      { name: 'id', data_type: 'bigint', nullable: false },
      { name: 'price', data_type: 'decimal', precision: 12, scale: 2 },
    ],
  ]) {
    assert.equal(schemaOf({ columns }), { columns: hints })
  }
})

it('keeps the names of columns as they are, whatever they are like', () => {
  const columns = { 'base url': { data_type: 'text' }, data_type: { data_type: 'text' }, userId: { data_type: 'text' } }
  assert.equal(Object.keys(schemaOf({ columns })?.columns ?? {}), ['base url', 'data_type', 'userId'])
})

it('takes the columns of a schema of zod or arktype, and of an Arrow schema', () => {
  const jsonSchema = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } }
  for (const columns of [z.object({ id: z.int() }), type({ id: 'number.integer' }), fromJsonSchema(jsonSchema)]) {
    const schema = schemaOf({ columns: columns as unknown })?.columns
    assert.is(String(schema), 'Schema<{ 0: id: Int64 }>')
  }
  assert.match(
    problems({ columns: v.object({ id: v.number() }) })[0] ?? '',
    /^resources\[0\]\.columns: the schema of valibot/,
  )
  assert.match(problems({ columns: z.object({ id: z.bigint() }) })[0] ?? '', 'BigInt cannot be represented')
})

it('merges the columns of defaults and resource hint by hint, and takes a schema as a whole', () => {
  const defaults = { columns: { id: { data_type: 'bigint' }, at: { data_type: 'timestamp' } } }
  assert.equal(schemaOf({ columns: { id: { nullable: false }, b: { data_type: 'bool' } } }, defaults), {
    columns: {
      id: { dataType: 'bigint', nullable: false },
      at: { dataType: 'timestamp' },
      b: { dataType: 'bool' },
    },
  })
  assert.equal(schemaOf({ columns: [{ name: 'at', timezone: false }] }, defaults)?.columns, {
    id: { dataType: 'bigint' },
    at: { dataType: 'timestamp', timezone: false },
  })
  assert.is(
    String(schemaOf({ columns: z.object({ x: z.int() }) as unknown }, defaults)?.columns),
    'Schema<{ 0: x: Int64 }>',
  )
  assert.equal(schemaOf({}, defaults), {
    columns: { id: { dataType: 'bigint' }, at: { dataType: 'timestamp' } },
  })
})

it('adds a column that says so to the primary key', () => {
  const [stream] = streamsOf([
    { name: 'a', write_disposition: 'merge', columns: { id: { primary_key: true }, n: { data_type: 'bigint' } } },
  ])
  assert.equal(stream?.primaryKey, ['id'])
  assert.equal(stream?.schema?.columns, { n: { dataType: 'bigint' } })
  const [both] = streamsOf([
    { name: 'a', primary_key: 'id', columns: [{ name: 'b', primary_key: true, data_type: 'text' }] },
  ])
  assert.equal(both?.primaryKey, ['id', 'b'])
  const [same] = streamsOf([{ name: 'a', primary_key: 'id', columns: { id: { primaryKey: true } } }])
  assert.equal([same?.primaryKey, same?.schema], [['id'], undefined])
})

it('takes a contract as a whole or in parts, in both spellings', () => {
  for (const schema_contract of ['discard_row', 'discardRow']) {
    assert.equal(schemaOf({ schema_contract }), { contract: 'discardRow' })
  }
  assert.equal(schemaOf({ schema_contract: { tables: 'evolve', columns: 'discard_value', data_type: 'freeze' } }), {
    contract: { tables: 'evolve', columns: 'discardValue', dataType: 'freeze' },
  })
  assert.equal(schemaOf({ schemaContract: 'freeze' }, { schema_contract: 'evolve' }), { contract: 'freeze' })
})

it('takes nesting and names, and dlt 0 levels for JSON text', () => {
  assert.equal(schemaOf({ nested: 'json', names: 'snake_case' }), { nested: 'json', names: 'snake_case' })
  assert.equal(schemaOf({ nested: 'tables' }), { nested: 'tables' })
  assert.equal(schemaOf({ nested: 'tables', max_table_nesting: 2 }), { nested: 'tables', maxNesting: 2 })
  assert.equal(schemaOf({ max_table_nesting: 0 }), { nested: 'json' })
  assert.equal(schemaOf({ max_table_nesting: 0, nested: 'tables' }), { nested: 'json' })
  assert.equal(schemaOf({}), undefined)
})

it('lets a resource say another nesting than the defaults, whose limit is then of no account', () => {
  const tables = { nested: 'tables', max_table_nesting: 3 }
  assert.equal(schemaOf({}, tables), { nested: 'tables', maxNesting: 3 })
  assert.equal(schemaOf({ nested: 'native' }, tables), { nested: 'native' })
  assert.equal(schemaOf({ max_table_nesting: 1 }, tables), { nested: 'tables', maxNesting: 1 })
  assert.equal(schemaOf({ nested: 'native' }, { max_table_nesting: 0 }), { nested: 'native' })
  assert.equal(schemaOf({ nested: 'tables' }, { max_table_nesting: 0 }), { nested: 'tables' })
})

it('takes all of it for rows from code, which no defaults apply to', () => {
  const columns = { id: { data_type: 'bigint' } }
  const [stream] = streamsOf([{ name: 'a', rows: [], columns, nested: 'json' }], { names: 'snake_case' })
  assert.equal(stream?.schema, { columns: { id: { dataType: 'bigint' } }, nested: 'json' })
})

it('refuses what makes no sense, with its place', () => {
  const cases: readonly (readonly [Config, string])[] = [
    [{ columns: { id: { nullable: false } } }, 'columns.id: needs a data_type beside nullable'],
    [
      { columns: { id: { primary_key: true, scale: 1, timezone: false } } },
      'columns.id: needs a data_type beside scale, timezone',
    ],
    [{ columns: [{ data_type: 'text' }] }, 'columns[0]: needs a name'],
    [{ columns: [{ name: 'a' }, { name: 'a' }] }, 'columns[1]: there are two columns with the name "a"'],
    [{ columns: { a: { name: 'b' } } }, 'columns.a.name: is another name than the key "a"'],
    [
      { columns: { a: { data_type: 'bigint', precision: 7 } } },
      'columns.a: column "a" has the precision 7: a bigint has 8, 16, 32 or 64 bits',
    ],
    [
      { columns: { 'a b': { data_type: 'text', precision: 7 } } },
      'columns["a b"]: column "a b" has a precision, which says nothing about the type text: leave it out',
    ],
    [{ columns: { a: { data_type: 'string' } } }, 'columns.a.data_type: expected "text", "bigint"'],
    [{ columns: { a: { root_key: true } } }, 'columns.a.root_key: is not supported yet'],
    [{ columns: [{ name: 'a', dedup_sort: 'up' }] }, 'columns[0].dedup_sort: expected "asc" or "desc"'],
    [{ columns: { a: { data_typ: 'text' } } }, 'columns.a.data_typ: unknown key; did you mean "data_type"?'],
    [{ columns: { a: 'text' } }, 'columns.a: expected an object'],
    [{ schema_contract: 'frozen' }, 'schema_contract: expected "evolve" or "freeze" or "discard_row"'],
    [{ schema_contract: { column: 'freeze' } }, 'schema_contract.column: unknown key; did you mean "columns"?'],
    [{ nested: 'text' }, 'nested: expected "native", "json" or "tables"'],
    [{ names: 'camel' }, 'names: expected "keep" or "snake_case"'],
    [{ max_table_nesting: 2 }, 'max_table_nesting: is the number of levels that nested: "tables" takes apart'],
    [{ max_table_nesting: 2, nested: 'json' }, 'max_table_nesting: is the number of levels'],
    [
      { max_table_nesting: 0, nested: 'native' },
      'max_table_nesting: is 0, which is nested: "json", and nested is "native"',
    ],
    [{ max_table_nesting: 1001, nested: 'tables' }, 'max_table_nesting: must be at most 1000'],
    [{ max_table_nesting: -1 }, 'max_table_nesting: must be at least 0'],
    [
      { nested: 'tables', write_disposition: 'merge', merge_key: 'day' },
      'primary_key: is missing: of rows that are the same, tables of nested rows could not tell whose is whose',
    ],
  ]
  for (const [resource, said] of cases) {
    const [problem = '', ...more] = problems(resource)
    assert.ok(problem.startsWith(`resources[0].${said}`), `${problem} is not ${said}`)
    assert.equal(more, [], JSON.stringify(resource))
  }
})

it('says where in the defaults it is, once for all resources', () => {
  const resources = [{ name: 'a' }, 'b', { name: 'c', nested: 'native' }]
  const defaults = {
    nested: 'tables',
    write_disposition: 'merge',
    primary_key: 'id',
    columns: { x: { nullable: true } },
  }
  assert.equal(problemLinesOf({ client, resources, resource_defaults: defaults }), [
    'resource_defaults.columns.x: needs a data_type beside nullable',
  ])
})

it.run()
