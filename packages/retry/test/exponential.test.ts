import { exponential } from '@millrace/retry'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('exponential')

it('waits 2, 4, 8 s at the middle of the jitter', () => {
  const backoff = exponential()
  assert.equal(
    [1, 2, 3].map((retry) => backoff.waitMs(retry, () => 0.5)),
    [2000, 4000, 8000],
  )
})

it('never strays from the wait by more than the jitter', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10 }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      fc.double({ min: 1, max: 4, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (retry, random, factor, jitter) => {
        const wait = 1000 * factor ** retry
        const waited = exponential({ factor, jitter }).waitMs(retry, () => random)
        assert.ok(Math.abs(waited - wait) <= wait * jitter + 1)
      },
    ),
  )
})

it('is frozen', () => {
  assert.ok(Object.isFrozen(exponential()))
})

it.run()
