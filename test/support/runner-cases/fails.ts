import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('fails')
it('passes', () => {})
it('fails', () => assert.is(1, 2))
it.run()
