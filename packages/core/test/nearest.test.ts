import { nearest } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('nearest')

it('gives the word with the fewest letters changed', () => {
  assert.is(nearest('limt', ['offset', 'limit', 'list']), 'limit')
  assert.is(nearest('BASE_URL', ['base_url']), 'base_url')
})

it('gives nothing where no word is near', () => {
  assert.is(nearest('colour', ['limit', 'offset']), undefined)
  assert.is(nearest('x', []), undefined)
})

it.run()
