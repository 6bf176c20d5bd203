import { createConverter, type Discard, fromArrow, type SchemaContract } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { Field, Int64, Schema } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureBy } from '../../../test/support/failure-by.ts'

const it = suite('schema contracts')

const schema = new Schema([new Field('id', new Int64(), true)])

/** Rows read back, and what was dropped, of a page that comes to a table with one column. */
function held(contract: SchemaContract, rows: readonly Row[]): { rows: Row[]; discards: Discard[]; names: unknown } {
  const discards: Discard[] = []
  const converter = createConverter({ schema, contract, onDiscard: (discard) => discards.push(discard) })
  const batch = converter.convert(rows)
  return { rows: fromArrow(batch), discards, names: converter.schema.names }
}

const misfits = [{ id: 1 }, { id: 'x' }, { id: 2, extra: null }, { id: 3, extra: 'y' }, { id: 1.5, extra: 'z' }]

it('evolve by default: columns and variants are added, nothing is dropped', () => {
  const { rows, discards, names } = held('evolve', misfits)
  assert.equal(names, ['id', 'id__v_utf8', 'id__v_float64', 'extra'])
  assert.is(rows.length, 5)
  assert.equal(discards, [])
})

it('freeze: the first row that does not fit is an error, and nothing changes', () => {
  const converter = createConverter({ schema, contract: 'freeze' })
  const column = failureBy(() => converter.convert([{ id: 1 }, { id: 2, extra: [1] }]))
  assert.is(column.code, 'E_SCHEMA_FROZEN')
  assert.equal(column.context, { row: 1, column: 'extra' })
  assert.match(column.message, 'row 1 brings a column "extra" ([1])')
  const type = failureBy(() => converter.convert([{ id: 1.5 }]))
  assert.is(type.code, 'E_SCHEMA_FROZEN')
  assert.match(type.message, 'row 0 has 1.5 in column "id" of type Int64')
  assert.equal(converter.schema.names, ['id'])
  assert.is(converter.convert([{ id: 5, extra: null }, {}]).numRows, 2)
})

it('discardValue: what does not fit is null, and each value is told with its place', () => {
  const { rows, discards, names } = held('discardValue', misfits)
  assert.equal(names, ['id'])
  assert.equal(
    rows.map((row) => row['id']),
    [1, null, 2, 3, null],
  )
  assert.equal(discards, [
    { dropped: 'value', reason: 'type', column: 'id', row: 1, value: 'x' },
    { dropped: 'value', reason: 'type', column: 'id', row: 4, value: 1.5 },
    { dropped: 'value', reason: 'column', column: 'extra', row: 3, value: 'y' },
    { dropped: 'value', reason: 'column', column: 'extra', row: 4, value: 'z' },
  ])
})

it('discardRow: the row goes, once, with all its values, and is told with its place', () => {
  const { rows, discards, names } = held('discardRow', misfits)
  assert.equal(names, ['id'])
  assert.equal(rows, [{ id: 1 }, { id: 2 }])
  assert.equal(discards, [
    { dropped: 'row', reason: 'type', column: 'id', row: 1, value: 'x' },
    { dropped: 'row', reason: 'type', column: 'id', row: 4, value: 1.5 },
    { dropped: 'row', reason: 'column', column: 'extra', row: 3, value: 'y' },
  ])
})

it('a mode each: rows dropped for one leave no value, column or type behind', () => {
  const rows = [
    { id: 1, n: 1 },
    { id: 'x', n: 'only here', other: true },
    { id: 2, n: 2.5, flag: 'f' },
  ]
  const { rows: kept, names, discards } = held({ dataType: 'discardRow' }, rows)
  assert.equal(names, ['id', 'n', 'flag'])
  assert.equal(kept, [
    { id: 1, n: 1, flag: null },
    { id: 2, n: 2.5, flag: 'f' },
  ])
  assert.is(discards.length, 1)

  const mixed = held({ columns: 'discardValue', dataType: 'discardRow' }, rows)
  assert.equal(mixed.rows, [{ id: 1 }, { id: 2 }])
  assert.equal(
    mixed.discards.map(({ dropped, column, row }) => [dropped, column, row]),
    [
      ['row', 'id', 1],
      ['value', 'n', 0],
      ['value', 'n', 2],
      ['value', 'flag', 2],
    ],
  )
})

it('drop rows with a null where none may be', () => {
  const columns = new Schema([new Field('id', new Int64(), false)])
  const discards: Discard[] = []
  const converter = createConverter({ columns, contract: 'discardRow', onDiscard: (each) => discards.push(each) })
  assert.equal(fromArrow(converter.convert([{ id: 1 }, {}, { id: null }, { id: 'x' }, { id: 2 }])), [
    { id: 1 },
    { id: 2 },
  ])
  assert.equal(
    discards.map(({ reason, row }) => [reason, row]).sort((a, b) => Number(a[1]) - Number(b[1])),
    [
      ['null', 1],
      ['null', 2],
      ['type', 3],
    ],
  )
})

it('of a table that is being made, columns evolve for as long as the converter lives', () => {
  const converter = createConverter({ contract: { columns: 'freeze', dataType: 'freeze' } })
  converter.convert([{ a: 1 }])
  assert.equal(converter.convert([{ b: 1 }]).schema.names, ['a', 'b'])
  assert.is(failureBy(() => converter.convert([{ a: 'x' }])).code, 'E_SCHEMA_FROZEN')
  // Declared, or known from before, they do not.
  assert.is(
    failureBy(() => createConverter({ columns: schema, contract: 'freeze' }).convert([{ b: 1 }])).code,
    'E_SCHEMA_FROZEN',
  )
  const going = createConverter({ schema, isNewTable: true, contract: { columns: 'freeze' } })
  assert.equal(going.convert([{ b: 1 }]).schema.names, ['id', 'b'])
})

it('of tables: a new one is an error, or loses its rows; with declared columns it is not new', () => {
  assert.is(failureBy(() => createConverter({ contract: 'freeze' }).convert([{ a: 1 }])).code, 'E_SCHEMA_FROZEN')
  assert.is(createConverter({ contract: 'freeze' }).convert([]).numRows, 0)
  for (const mode of ['discardRow', 'discardValue'] as const) {
    const discards: Discard[] = []
    const converter = createConverter({ contract: { tables: mode }, onDiscard: (each) => discards.push(each) })
    assert.is(converter.convert([{ a: 1 }, { a: 2 }]).numRows, 0)
    assert.equal(discards, [
      { dropped: 'row', reason: 'table', row: 0 },
      { dropped: 'row', reason: 'table', row: 1 },
    ])
  }
  assert.is(createConverter({ columns: schema, contract: { tables: 'freeze' } }).convert([{ id: 1 }]).numRows, 1)
})

it.run()
