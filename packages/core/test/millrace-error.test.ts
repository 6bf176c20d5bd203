import { errorMessage, isMillraceError, MillraceError } from '@millrace/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('MillraceError')

it('carries code, message, context and cause, and is not retryable unless it says so', () => {
  const cause = new Error('below')
  const error = new MillraceError('E_TEST', 'it failed', { context: { page: 3 }, cause })
  assert.is(error.code, 'E_TEST')
  assert.is(error.message, 'it failed')
  assert.is(error.name, 'MillraceError')
  assert.is(error.retryable, false)
  assert.is(error.retryAfterMs, undefined)
  assert.equal(error.context, { page: 3 })
  assert.ok(Object.isFrozen(error.context))
  assert.is(error.cause, cause)
  assert.is('cause' in new MillraceError('E_TEST', 'alone'), false)
})

it('is known by its brand, in a subclass and from another copy of the library', () => {
  class StatusError extends MillraceError {}
  assert.is(new StatusError('E_STATUS', 'no').name, 'StatusError')
  assert.ok(isMillraceError(new StatusError('E_STATUS', 'no')))
  assert.ok(isMillraceError({ [Symbol.for('millrace.error')]: true }))
  for (const other of [new Error('no'), null, undefined, 'E_TEST', { code: 'E_TEST' }])
    assert.not(isMillraceError(other))
})

it.run()

const messageIt = suite('errorMessage')

messageIt('finds words for whatever was thrown', () => {
  assert.is(errorMessage(new Error('plain')), 'plain')
  assert.is(errorMessage('a string'), 'a string')
  assert.is(errorMessage(undefined), 'undefined')
  assert.is(errorMessage(null), 'null')
  assert.is(errorMessage({ message: 'from another realm' }), 'from another realm')
  assert.is(errorMessage(new TypeError()), 'TypeError')
  assert.is(errorMessage(Object.create(null)), '[object Object]')
})

messageIt('names the reasons inside an AggregateError without a message', () => {
  const refused = new AggregateError([
    new Error('connect ECONNREFUSED ::1'),
    new Error('connect ECONNREFUSED 127.0.0.1'),
  ])
  assert.is(errorMessage(refused), 'connect ECONNREFUSED ::1; connect ECONNREFUSED 127.0.0.1')
})

messageIt.run()
