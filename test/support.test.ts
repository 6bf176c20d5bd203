import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createFakeClock } from './support/fake-clock.ts'
import { createRandom } from './support/random.ts'

const clockIt = suite('fake clock')

clockIt('wakes sleepers in the order they are due, and only when told', async () => {
  const clock = createFakeClock(1_000)
  const woken: string[] = []
  void clock.sleep(30).then(() => woken.push(`c at ${clock.now()}`))
  void clock.sleep(10).then(() => woken.push(`a at ${clock.now()}`))
  void clock.sleep(10).then(() => woken.push(`b at ${clock.now()}`))
  await clock.advance(9)
  assert.equal(woken, [])
  await clock.advance(1)
  assert.equal(woken, ['a at 1010', 'b at 1010'])
  await clock.advance(100)
  assert.equal(woken, ['a at 1010', 'b at 1010', 'c at 1030'])
  assert.is(clock.now(), 1_110)
  assert.is(clock.sleeping, 0)
  assert.equal(clock.slept, [30, 10, 10])
})

clockIt('wakes one that falls asleep again within the same move', async () => {
  const clock = createFakeClock(0)
  const at: number[] = []
  void (async () => {
    for (let time = 0; time < 3; time++) {
      await clock.sleep(10)
      at.push(clock.now())
    }
  })()
  await clock.advance(25)
  assert.equal(at, [10, 20])
})

clockIt('rejects with signal.reason, asleep and before', async () => {
  const clock = createFakeClock()
  const abort = new AbortController()
  const asleep = clock.sleep(10, abort.signal).catch((thrown: unknown) => thrown)
  abort.abort('enough')
  assert.is(await asleep, 'enough')
  assert.is(await clock.sleep(10, abort.signal).catch((thrown: unknown) => thrown), 'enough')
  assert.is(clock.sleeping, 0)
})

clockIt.run()

const randomIt = suite('random')

randomIt('gives the same values for the same seed, and others for another', () => {
  const values = (seed: number): unknown[] => {
    const random = createRandom(seed)
    return [
      random.next(),
      random.int(1, 6),
      random.chance(0.5),
      random.pick(['a', 'b', 'c']),
      random.shuffle([1, 2, 3, 4, 5]),
      random.string(20),
      random.date(new Date('2020-01-01'), new Date('2021-01-01')).toISOString(),
    ]
  }
  assert.equal(values(7), values(7))
  assert.not.equal(values(7), values(8))
})

randomIt('stays within its bounds and reaches both ends', () => {
  const random = createRandom(1)
  const seen = new Set(Array.from({ length: 1_000 }, () => random.int(1, 6)))
  assert.equal([...seen].sort(), [1, 2, 3, 4, 5, 6])
  assert.equal(random.shuffle([1, 2, 3, 4, 5]).sort(), [1, 2, 3, 4, 5])
})

randomIt.run()
