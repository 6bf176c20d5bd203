import { createConverter, createTableSplitter, type TableRows, type TableSplitterOptions } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureBy } from '../../../test/support/failure-by.ts'

const it = suite('createTableSplitter')

type Options = Omit<TableSplitterOptions, 'table'>

const split = (rows: readonly unknown[], options: Options = {}): readonly TableRows[] =>
  createTableSplitter({ table: 't', ...options }).split(rows as readonly Row[])

/** The tables with the columns that came from the document, and the place in the list. */
function plain(tables: readonly TableRows[]): Record<string, unknown> {
  const ties = ['_dlt_id', '_dlt_parent_id', '_dlt_root_id']
  const rowsOf = (rows: readonly Row[]): unknown[] =>
    rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !ties.includes(name))))
  return Object.fromEntries(tables.map(({ table, rows }) => [table, rowsOf(rows)]))
}

const value = (value: unknown, index: number): Row => ({ value, _dlt_list_idx: index })

/** Documents, and what dlt 1.31.0 made of them, without the ties: `Schema.normalize_data_item`. */
const ofDlt: readonly (readonly [unknown, Options, Record<string, readonly Row[]>])[] = [
  [
    { id: 1, a: { b: 2, c: { d: [1, 2] } }, tags: ['x', 'y'] },
    {},
    { t: [{ id: 1, a__b: 2 }], t__tags: [value('x', 0), value('y', 1)], t__a__c__d: [value(1, 0), value(2, 1)] },
  ],
  [
    { id: 2, l: [[1, 2], [3]] },
    {},
    {
      t: [{ id: 2 }],
      t__l: [{ _dlt_list_idx: 0 }, { _dlt_list_idx: 1 }],
      t__l__list: [value(1, 0), value(2, 1), value(3, 0)],
    },
  ],
  [
    { m: [1, { x: 2 }, [3], null] },
    {},
    {
      t: [{}],
      t__m: [value(1, 0), { x: 2, _dlt_list_idx: 1 }, { _dlt_list_idx: 2 }, value(null, 3)],
      t__m__list: [value(3, 0)],
    },
  ],
  [
    { e: [], o: {}, n: null, le: [{}, [], null] },
    {},
    { t: [{ n: null }], t__le: [{ _dlt_list_idx: 0 }, { _dlt_list_idx: 1 }, value(null, 2)] },
  ],
  [
    { userInfo: { firstName: 'Z', homeAddress: [{ zipCode: 1, phoneNumbers: [{ No: 5 }] }] } },
    { names: 'snake_case' },
    {
      t: [{ user_info__first_name: 'Z' }],
      t__user_info__home_address: [{ zip_code: 1, _dlt_list_idx: 0 }],
      t__user_info__home_address__phone_numbers: [{ no: 5, _dlt_list_idx: 0 }],
    },
  ],
  [
    { l: [[[1], [2, [3]]]] },
    {},
    {
      t: [{}],
      t__l: [{ _dlt_list_idx: 0 }],
      t__l__list: [{ _dlt_list_idx: 0 }, { _dlt_list_idx: 1 }],
      t__l__list__list: [value(1, 0), value(2, 0), { _dlt_list_idx: 1 }],
      t__l__list__list__list: [value(3, 0)],
    },
  ],
  ...[
    [0, { t: [{ id: 1, a: { b: 2, c: { d: [1, 2] } }, tags: ['x', 'y'] }] }],
    [1, { t: [{ id: 1, a__b: 2, a__c: { d: [1, 2] } }], t__tags: [value('x', 0), value('y', 1)] }],
    [2, { t: [{ id: 1, a__b: 2, a__c__d: [1, 2] }], t__tags: [value('x', 0), value('y', 1)] }],
  ].map(
    ([maxNesting, tables]) =>
      [
        { id: 1, a: { b: 2, c: { d: [1, 2] } }, tags: ['x', 'y'] },
        { maxNesting: maxNesting as number },
        tables as Record<string, readonly Row[]>,
      ] as const,
  ),
  ...[
    [
      1,
      {
        t: [{ id: 2 }],
        t__l: [
          { list: [1, 2], _dlt_list_idx: 0 },
          { list: [3], _dlt_list_idx: 1 },
        ],
      },
    ],
    [
      2,
      {
        t: [{ id: 2 }],
        t__l: [
          { list: [1, 2], _dlt_list_idx: 0 },
          { list: [3], _dlt_list_idx: 1 },
        ],
      },
    ],
    [
      3,
      {
        t: [{ id: 2 }],
        t__l: [{ _dlt_list_idx: 0 }, { _dlt_list_idx: 1 }],
        t__l__list: [value(1, 0), value(2, 1), value(3, 0)],
      },
    ],
  ].map(
    ([maxNesting, tables]) =>
      [
        { id: 2, l: [[1, 2], [3]] },
        { maxNesting: maxNesting as number },
        tables as Record<string, readonly Row[]>,
      ] as const,
  ),
  ...[
    [1, { t: [{ x__y: { z: { w: 1 } } }], t__q: [{ r: { s: { t: [{ u: 2 }] } }, _dlt_list_idx: 0 }] }],
    [2, { t: [{ x__y__z: { w: 1 } }], t__q: [{ r__s: { t: [{ u: 2 }] }, _dlt_list_idx: 0 }] }],
    [3, { t: [{ x__y__z__w: 1 }], t__q: [{ r__s__t: [{ u: 2 }], _dlt_list_idx: 0 }] }],
  ].map(
    ([maxNesting, tables]) =>
      [
        { x: { y: { z: { w: 1 } } }, q: [{ r: { s: { t: [{ u: 2 }] } } }] },
        { maxNesting: maxNesting as number },
        tables as Record<string, readonly Row[]>,
      ] as const,
  ),
]

it('makes the tables, columns and rows that dlt makes', () => {
  for (const [document, options, tables] of ofDlt) {
    assert.equal(plain(split([document], options)), tables, JSON.stringify([document, options]))
  }
})

it('names a row by all that is in it where that is asked for, so that only the same rows have one id', () => {
  const idOf = (row: unknown, options: Options = {}): unknown => {
    const [root] = split([row], { contentIds: true, ...options })
    return root?.rows[0]?.['_dlt_id']
  }
  const rows: readonly unknown[] = [
    { id: 1, l: [{ m: [1] }], o: {} },
    { id: 1, l: [{ m: [2] }], o: {} },
    { id: 1, l: [{ m: [1] }, {}], o: {} },
    { id: 1, l: [{ m: ['1'] }], o: {} },
    { id: 1, l: [{ m: [-0] }], o: {} },
    { id: 1, l: [{ m: [0] }], o: {} },
    { id: 1, l: [], o: {} },
    { id: 2, l: [], o: {} },
  ]
  const ids = rows.map((row) => idOf(row))
  assert.is(new Set(ids).size, rows.length)
  assert.equal(
    rows.map((row) => idOf(structuredClone(row))),
    ids,
  )
  // Taken apart otherwise, it is another row of its table.
  assert.is(new Set([ids[0], idOf(rows[0], { maxNesting: 1 }), idOf(rows[0], { names: 'snake_case' })]).size, 3)
  const own = failureBy(() => split([{ id: 1 }, { id: 2, _dlt_id: 'mine' }], { contentIds: true }))
  assert.is(own.code, 'E_VALUE')
  assert.match(own.message, 'row 1 brings a "_dlt_id" of its own')
})

it('ties each row to its parent and to its root, and names it by them', () => {
  const document = { id: 7, l: [{ m: [1, 2] }, { m: [3] }] }
  const options: Options = { primaryKey: ['id'] }
  const [root, lists, values] = split([document], options)
  const [{ _dlt_id: id } = {}] = root?.rows ?? []
  assert.equal(
    lists?.rows.map((row) => [row['_dlt_parent_id'], row['_dlt_root_id'], row['_dlt_list_idx']]),
    [
      [id, id, 0],
      [id, id, 1],
    ],
  )
  const [one, two] = lists?.rows.map((row) => row['_dlt_id']) ?? []
  assert.equal(
    values?.rows.map((row) => [row['_dlt_parent_id'], row['_dlt_root_id'], row['_dlt_list_idx']]),
    [
      [one, id, 0],
      [one, id, 1],
      [two, id, 0],
    ],
  )
  const ids = [root, lists, values].flatMap((table) => table?.rows.map((row) => row['_dlt_id']) ?? [])
  assert.is(new Set(ids).size, 6)
  for (const each of ids) assert.match(String(each), /^[\w-]{20}(\.[01])?$/)
  assert.equal(split([document], options), split([document], options), 'the same in every run')
})

it('makes the id of a root row of its key, digits and kinds told apart, and a random one where part of it is missing', () => {
  const idOf = (row: Row, primaryKey: readonly string[]): unknown =>
    split([row], { primaryKey })[0]?.rows[0]?.['_dlt_id']
  assert.is(idOf({ a: 1, b: 'x', c: 1 }, ['a', 'b']), idOf({ b: 'x', a: 1n, c: 2 }, ['a', 'b']))
  const keys = [{ a: 1 }, { a: '1' }, { a: 9007199254740993n }, { a: 9007199254740992n }, { a: true }]
  assert.is(new Set(keys.map((row) => idOf(row, ['a']))).size, keys.length)
  assert.is(idOf({ user: { id: 5 } }, ['user__id']), idOf({ user: { id: 5 }, more: 1 }, ['user__id']))
  for (const row of [{ a: null }, {}, { a: Number.NaN }]) assert.is.not(idOf(row, ['a']), idOf(row, ['a']))
  assert.is.not(idOf({ a: 1 }, []), idOf({ a: 1 }, []))
})

it('takes an id that a root row brings, and refuses one that is no text', () => {
  const [root, lists] = split([{ _dlt_id: 'mine', c: [1] }, { _dlt_id: '' }, { _dlt_id: null }])
  assert.is(root?.rows[0]?.['_dlt_id'], 'mine')
  assert.is(lists?.rows[0]?.['_dlt_parent_id'], 'mine')
  for (const made of [1, 2]) assert.match(String(root?.rows[made]?.['_dlt_id']), /^[\w-]{20}$/)
  const { code, message } = failureBy(() => split([{}, { _dlt_id: 5 }]))
  assert.is(code, 'E_VALUE')
  assert.match(message, 'row 1 brings a "_dlt_id" of its own that is a number')
})

it('refuses places with one name: columns, tables, and the columns that tie them', () => {
  const cases: readonly (readonly [readonly Row[], string, Options?])[] = [
    [[{ a: { b: 1 }, a__b: 2 }], '"a.b" and "a__b" in the rows both give the column "a__b"'],
    [[{ a: { b: 1 } }, { a__b: 2 }], '"a.b" and "a__b" in the rows both give the column "a__b"'],
    [
      [{ userId: 1, user_id: 2 }],
      '"userId" and "user_id" in the rows both give the column "user_id"',
      { names: 'snake_case' },
    ],
    [[{ a: { b: [1] }, a__b: [2] }], '"a.b" and "a__b" in the rows both give the table "t__a__b"'],
    [[{ a: [[1]], a__list: [2] }], '"a__list" and "a[][]" in the rows both give the table "t__a__list"'],
    [[{ a: [{ value: 1 }, 2] }], '"a[].value" and "a[] without a key" in the rows both give the column "value"'],
    [
      [{ a: [{ _dlt_id: 'x' }] }],
      'a column that ties the tables together and "a[]._dlt_id" in the rows both give the column "_dlt_id"',
    ],
    [[{ a: [{ _dlt_parent_id: 1 }] }], 'a column that ties the tables together and "a[]._dlt_parent_id"'],
    [[{ '': 1, _empty: 2 }], '"" and "_empty" in the rows', { names: 'snake_case' }],
  ]
  for (const [rows, said, options] of cases) {
    const { code, message } = failureBy(() => split(rows, options))
    assert.is(code, 'E_COLUMN_COLLISION', said)
    assert.match(message, said)
  }
  const splitter = createTableSplitter({ table: 't' })
  splitter.split([{ a__b: 1 }])
  assert.is(failureBy(() => splitter.split([{ a: { b: 1 } }])).code, 'E_COLUMN_COLLISION', 'on another page')
})

it('takes a key that holds a value in one row, an object in another and a list in a third', () => {
  assert.equal(plain(split([{ a: 1 }, { a: { b: 2 } }, { a: [3] }])), {
    t: [{ a: 1 }, { a__b: 2 }, {}],
    t__a: [value(3, 0)],
  })
})

it('keeps the order of rows, and gives tables in the order they come up, the root first and always', () => {
  assert.equal(split([]), [{ table: 't', rows: [] }])
  const tables = split([
    { b: [{ c: [1] }, { c: [2] }], a: [3] },
    { a: [4], b: [{ c: [5] }] },
  ])
  assert.equal(
    tables.map(({ table }) => table),
    ['t', 't__b', 't__a', 't__b__c'],
  )
  assert.equal(
    tables[3]?.rows.map((row) => row['value']),
    [1, 2, 5],
  )
})

it('takes keys that every object inherits for keys like others, and values of code for values', () => {
  const at = new Date()
  const document = JSON.parse('{"__proto__": {"a": [1]}, "constructor": {"b": 1}, "l": [{"__proto__": 5}]}')
  const tables = split([{ ...document, at }, document])
  const [root, lists] = [tables[0], tables.find(({ table }) => table === 't__l')]
  assert.is(root?.rows[1]?.['constructor__b'], 1)
  assert.equal(tables.map(({ table }) => table).sort(), ['t', 't____proto____a', 't__l'].sort())
  assert.ok(Object.hasOwn(lists?.rows[0] ?? {}, '__proto__'))
  assert.is(root?.rows[0]?.['at'], at)
  assert.is(({} as Record<string, unknown>)['a'], undefined)
})

it('takes apart a thousand levels, and leaves whole what is deeper', () => {
  const objects = (count: number): Row => JSON.parse(`${'{"a":'.repeat(count)}1${'}'.repeat(count)}`)
  assert.equal(Object.keys(split([objects(1_001)])[0]?.rows[0] ?? {}), [Array(1_001).fill('a').join('__'), '_dlt_id'])
  const [deep] = split([objects(20_000)])
  assert.is(typeof deep?.rows[0]?.[Array(1_001).fill('a').join('__')], 'object')
  const lists = (count: number): Row => JSON.parse(`{"a":${'['.repeat(count)}1${']'.repeat(count)}}`)
  assert.is(split([lists(20_000)]).length, 501)
  const both = JSON.parse(`${'{"a":['.repeat(5_000)}1${']}'.repeat(5_000)}`)
  assert.is(split([both]).length, 1_001)
})

it('refuses a number of levels that is none', () => {
  for (const maxNesting of [-1, 1.5, Number.NaN, 1_001]) {
    assert.throws(
      () => createTableSplitter({ table: 't', maxNesting }),
      /maxNesting must be a whole number from 0 to 1000/,
    )
  }
})

it('passes on what is no row, for the converter to refuse', () => {
  const [root] = split([{ a: 1 }, null])
  assert.is(failureBy(() => createConverter().convert(root?.rows ?? [])).code, 'E_ROW')
})

const scalar = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.double({ noNaN: true }))
const key = fc.constantFrom('a', 'b', 'c', 'long key', 'ä', 'toString')
const { node: document } = fc.letrec<{ any: unknown; node: Row }>((tie) => ({
  any: fc.oneof({ maxDepth: 5 }, scalar, fc.array(tie('any'), { maxLength: 3 }), tie('node')),
  node: fc.dictionary(key, tie('any'), { maxKeys: 4 }),
}))

it('keeps what is in a list in one table where its parent was an object and became a list of them', () => {
  const [root, first, second] = split([{ a: { b: [1] } }, { a: [{ b: [2, 3] }] }])
  assert.equal([first?.table, second?.table], ['t__a__b', 't__a'])
  assert.equal(
    first?.rows.map((row) => row['_dlt_parent_id']),
    [root?.rows[0], second?.rows[0], second?.rows[0]].map((row) => row?.['_dlt_id']),
  )
})

it('loses nothing but what is empty: 2,000 random documents put together again are what they were', () => {
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 3 }), (documents) => {
      assert.equal(
        joined(split(documents)),
        documents.map((each) => withoutEmpty(each)),
      )
    }),
    { numRuns: 2_000, seed: 11 },
  )
})

/** The document as it must come back: without empty lists, and without objects that nothing is in. */
function withoutEmpty(here: unknown, isElement = false): unknown {
  if (Array.isArray(here)) {
    if (here.length === 0) return isElement ? {} : undefined
    return here.map((each) => withoutEmpty(each, true))
  }
  if (typeof here !== 'object' || here === null) return here
  const members = Object.entries(here).map(([name, each]) => [name, withoutEmpty(each)] as const)
  const kept = members.filter(([, each]) => each !== undefined && !isEmptyObject(each))
  return Object.fromEntries(kept)
}

function isEmptyObject(here: unknown): boolean {
  return typeof here === 'object' && here !== null && !Array.isArray(here) && Object.keys(here).length === 0
}

/** Documents from tables, by nothing but names and ids. */
function joined(tables: readonly TableRows[]): unknown[] {
  const [root, ...others] = tables
  function elementsOf(table: string, id: unknown): unknown[] | undefined {
    const rows = others.find((each) => each.table === table)?.rows.filter((row) => row['_dlt_parent_id'] === id)
    if (!rows?.length) return undefined
    return [...rows]
      .sort((a, b) => Number(a['_dlt_list_idx']) - Number(b['_dlt_list_idx']))
      .map((row) => build(table, row))
  }
  function build(table: string, row: Row): unknown {
    if (Object.hasOwn(row, 'value')) return row['value']
    const id = row['_dlt_id']
    const list = elementsOf(`${table}__list`, id)
    if (list) return list
    const document: Record<string, unknown> = {}
    const put = (path: readonly string[], value: unknown): void => {
      let at = document
      for (const name of path.slice(0, -1)) {
        if (!Object.hasOwn(at, name)) at[name] = {}
        at = at[name] as Record<string, unknown>
      }
      at[path.at(-1) ?? ''] = value
    }
    for (const [name, each] of Object.entries(row)) if (!name.startsWith('_dlt_')) put(name.split('__'), each)
    for (const { table: other } of others) {
      if (!other.startsWith(`${table}__`)) continue
      const elements = elementsOf(other, id)
      if (elements) put(other.slice(table.length + 2).split('__'), elements)
    }
    return document
  }
  return (root?.rows ?? []).map((row) => build('t', row))
}

it.run()
