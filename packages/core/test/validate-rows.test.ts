import { type Page, pipe, toArray, validateRows } from '@millrace/core'
import { type } from 'arktype'
import { from } from 'ix/asynciterable/asynciterablex'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { z } from 'zod'
import { failureOf } from '../../../test/support/failure-of.ts'

const it = suite('validateRows')

const meta = { url: 'https://api.test/users', status: 200, ms: 1, bytes: 2, attempt: 1 }
const page = (rows: readonly unknown[]): Page<unknown> => ({ rows, position: {}, meta })

it('takes schemas of zod, valibot and arktype, and gives rows their type', async () => {
  const source = from([page([{ id: 1, name: 'a' }])])
  const byZod = await pipe(source, validateRows(z.object({ id: z.number(), name: z.string() })), toArray())
  const byValibot = await pipe(source, validateRows(v.object({ id: v.number(), name: v.string() })), toArray())
  const byArktype = await pipe(source, validateRows(type({ id: 'number', name: 'string' })), toArray())
  for (const pages of [byZod, byValibot, byArktype]) {
    // Compiles only where the rows have the type of the schema.
    const names: string[] = pages.flatMap(({ rows }) => rows.map(({ name }) => name))
    const ids: number[] = pages.flatMap(({ rows }) => rows.map(({ id }) => id))
    assert.equal([ids, names], [[1], ['a']])
    assert.is(pages[0]?.meta, meta)
  }
})

it('takes what a schema makes of a row, also where it answers later', async () => {
  const schema = z.object({ id: z.coerce.number() }).transform(async ({ id }) => ({ twice: id * 2 }))
  const pages = await pipe(from([page([{ id: '1' }, { id: 2 }]), page([])]), validateRows(schema), toArray())
  assert.equal(
    pages.map(({ rows }) => rows),
    [[{ twice: 2 }, { twice: 4 }], []],
  )
})

it('names the row and what is wrong with it', async () => {
  const schema = z.object({ id: z.number(), tags: z.array(z.string()) })
  const source = from([page([{ id: 1, tags: [] }]), page([{ id: 1, tags: ['a', 5] }])])
  const failure = await failureOf(pipe(source, validateRows(schema), toArray()))
  assert.is(failure.code, 'E_ROW_INVALID')
  assert.match(failure.message, /row 0 of page 1 \(https:\/\/api\.test\/users\).*tags\.1: .*string.*\(schema of zod\)/)
  assert.equal({ ...failure.context }, { operator: 'validateRows', page: 1, row: 0, url: meta.url })
})

it.run()
