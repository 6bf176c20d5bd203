import { readContract, type SchemaMode } from '@millrace/arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('readContract')

it('takes one mode for all', () => {
  for (const mode of ['evolve', 'freeze', 'discardRow', 'discardValue'] satisfies SchemaMode[]) {
    assert.equal(readContract(mode), { tables: mode, columns: mode, dataType: mode })
  }
})

it('lets everything evolve that nothing is said about', () => {
  const evolve = { tables: 'evolve', columns: 'evolve', dataType: 'evolve' }
  assert.equal(readContract(), evolve)
  assert.equal(readContract({}), evolve)
  assert.equal(readContract({ columns: 'freeze' }), { ...evolve, columns: 'freeze' })
})

it.run()
