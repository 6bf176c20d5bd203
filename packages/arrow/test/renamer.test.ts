import { createConverter, createRenamer, mostNestedKeys } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureBy } from '../../../test/support/failure-by.ts'

const it = suite('createRenamer')

const rename = (rows: readonly unknown[], nested?: 'native' | 'json'): readonly Row[] =>
  createRenamer({ names: 'snake_case', ...(nested && { nested }) }).rename(rows as readonly Row[])

it('names keys on every level, in objects and in lists of whatever depth', () => {
  const row = { userId: 1, homeAddress: { zipCode: '1', geoData: [[{ latLng: 1 }], [{ latLng: 2 }]] }, tags: ['aB'] }
  assert.equal(rename([row]), [
    { user_id: 1, home_address: { zip_code: '1', geo_data: [[{ lat_lng: 1 }], [{ lat_lng: 2 }]] }, tags: ['aB'] },
  ])
})

it('leaves what is inside alone where nested values become JSON text', () => {
  assert.equal(rename([{ userId: { zipCode: 1 } }], 'json'), [{ user_id: { zipCode: 1 } }])
})

it('keeps every name where names are kept', () => {
  const rows = [{ userId: 1, user_id: 2 }]
  assert.is(createRenamer({ names: 'keep' }).rename(rows), rows)
})

it('copies no row, and nothing inside of one, that is named already', () => {
  const same = { id: 1, a: { b: [{ c: 1 }] } }
  const inside = { x: 1 }
  const [first, second] = rename([same, { userId: 2, inside }])
  assert.is(first, same)
  assert.is(second?.['inside'], inside)
})

it('changes none of the rows it is given', () => {
  const row = { userId: 1, listOf: [{ userId: 1 }, 2] }
  const copy = structuredClone(row)
  rename([row])
  assert.equal(row, copy)
})

it('keeps order, missing keys and values of any kind', () => {
  const at = new Date()
  const [one, two] = rename([
    { zA: 1, aB: at, n: null },
    { aB: undefined, zA: 10n },
  ])
  assert.equal(Object.entries(one ?? {}), [
    ['z_a', 1],
    ['a_b', at],
    ['n', null],
  ])
  assert.equal(Object.entries(two ?? {}), [
    ['a_b', undefined],
    ['z_a', 10n],
  ])
})

it('refuses two keys with one name, in a row, in two rows, and on two pages', () => {
  const renamer = createRenamer({ names: 'snake_case' })
  renamer.rename([{ userId: 1 }])
  for (const run of [
    () => rename([{ userId: 1, user_id: 2 }]),
    () => rename([{ userId: 1 }, { user_id: 2 }]),
    () => renamer.rename([{ user_id: 2 }]),
  ]) {
    const { code, message, context } = failureBy(run)
    assert.is(code, 'E_COLUMN_COLLISION')
    assert.is(
      message,
      'the rows have the keys "userId" and "user_id", and both give the name "user_id": rename one of them before, or keep the names as they are',
    )
    assert.equal(context, { column: 'user_id', key: 'userId', otherKey: 'user_id' })
  }
})

it('refuses two keys with one name inside, with the place, and takes them in two places', () => {
  const { message } = failureBy(() => rename([{ a: [{ b: { xY: 1 } }] }, { a: [{ b: { x_y: 2 } }] }]))
  assert.match(message, 'the objects in "a.b" have the keys "xY" and "x_y"')
  assert.equal(rename([{ a: { xY: 1 }, b: { x_y: 2 } }]), [{ a: { x_y: 1 }, b: { x_y: 2 } }])
})

it('takes keys that every object inherits for keys like others', () => {
  const row = JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": 1, "toString": 2}')
  const [renamed] = rename([row])
  assert.equal(Object.keys(renamed ?? {}), ['proto', 'constructor', 'to_string'])
  assert.equal(renamed?.['proto'], { is_admin: true })
  const kept = JSON.parse('{"a": {"__proto__": 1}, "userId": 1}')
  assert.equal(Object.keys(rename([kept])[0]?.['a'] as object), ['proto'])
  assert.is(({} as Record<string, unknown>)['isAdmin'], undefined)
})

it('is no way around the depth that a column can have', () => {
  const levels = (count: number): unknown => JSON.parse(`${'{"aB":'.repeat(count)}1${'}'.repeat(count)}`)
  const lists = (count: number): unknown => JSON.parse(`{"aB":${'['.repeat(count)}1${']'.repeat(count)}}`)
  const [row] = rename([levels(1_000)])
  assert.equal(Object.keys(row ?? {}), ['a_b'])
  rename([levels(20_000), lists(20_000)])
})

it('remembers no more nested keys than a struct could have', () => {
  const renamer = createRenamer({ names: 'snake_case' })
  const page = (from: number, count: number): Row[] =>
    Array.from({ length: count }, (_, i) => ({ byId: { [`user${from + i}X`]: 1 } }))
  renamer.rename(page(0, mostNestedKeys + 1))
  // The first of them is forgotten by now, and a key that would have collided with it is taken.
  assert.equal(renamer.rename([{ byId: { user0_x: 1 } }]), [{ by_id: { user0_x: 1 } }])
})

it('passes on what is no row, for the converter to refuse', () => {
  for (const row of [null, 1, [1], new Date()]) {
    assert.is(rename([row])[0], row)
    assert.is(failureBy(() => createConverter().convert(rename([row]))).code, 'E_ROW')
  }
})

it.run()
