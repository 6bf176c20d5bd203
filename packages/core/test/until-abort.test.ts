import { getEventListeners } from 'node:events'
import { untilAbort } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejection } from '../../../test/support/rejection.ts'
import { unhandledDuring } from '../../../test/support/unhandled-during.ts'

const it = suite('untilAbort')

const reason = new Error('stop')

it('gives what the work gives, and rejects as it does', async () => {
  const { signal } = new AbortController()
  const failure = new Error('no')
  assert.is(await untilAbort(Promise.resolve(1), signal), 1)
  assert.is(await untilAbort(Promise.resolve(1), undefined), 1)
  assert.is(await rejection(untilAbort(Promise.reject(failure), signal)), failure)
})

it('rejects at once with the reason of the signal, whatever becomes of the work', async () => {
  const controller = new AbortController()
  const hanging = rejection(untilAbort(new Promise(() => {}), controller.signal))
  controller.abort(reason)
  assert.is(await hanging, reason)
  const unhandled = await unhandledDuring(async () => {
    const failing = Promise.reject(new Error('late'))
    assert.is(await rejection(untilAbort(failing, AbortSignal.abort(reason))), reason)
  })
  assert.equal(unhandled, [])
})

it('leaves no listener behind', async () => {
  const { signal } = new AbortController()
  await untilAbort(Promise.resolve(1), signal)
  await rejection(untilAbort(Promise.reject(reason), signal))
  assert.is(getEventListeners(signal, 'abort').length, 0)
})

it.run()
