import { inspect } from 'node:util'
import { createLiveRedact, createRedact, Secret, secret, shortestRedacted } from '@millrace/core'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('Secret')

it('shows itself to nobody but reveal()', () => {
  const key = secret('hunter-22')
  assert.is(key.reveal(), 'hunter-22')
  const shown = [
    String(key),
    `${key}`,
    JSON.stringify({ key }),
    inspect(key, { showHidden: true, depth: 9 }),
    inspect({ deep: { key } }, { depth: 9 }),
    Object.values(key).join(),
    String(new Error(`failed with ${key}`)),
  ]
  for (const text of shown) assert.not.match(text, 'hunter')
})

it('wraps a string once', () => {
  const key = secret('hunter-22')
  assert.is(secret(key), key)
  assert.instance(key, Secret)
})

it.run()

const redactIt = suite('createRedact')

redactIt('removes a secret in every spelling it travels in', () => {
  const value = 'p/ss "wörd"+&='
  const redact = createRedact([secret(value)])
  const encoded = encodeURIComponent(value)
  for (const spelling of [
    value,
    encoded,
    encoded.toLowerCase(),
    new URLSearchParams({ key: value }).toString(),
    JSON.stringify({ key: value }),
    Buffer.from(value).toString('base64'),
  ]) {
    const text = redact(`before ${spelling} after`)
    assert.match(text, '[redacted]')
    assert.match(text, /^before .*after$/)
    assert.not.match(text, spelling === value ? 'wörd' : spelling)
  }
})

redactIt('removes the longer of two secrets first', () => {
  const redact = createRedact([secret('token'), secret('token-of-mine')])
  assert.is(redact('a token-of-mine, a token'), 'a [redacted], a [redacted]')
})

redactIt('leaves text alone that only holds what is too short to search for', () => {
  const short = 'x'.repeat(shortestRedacted - 1)
  assert.is(createRedact([secret(short), secret('')])(`a ${short} b`), `a ${short} b`)
})

redactIt('follows secrets that change, in number or in place', () => {
  let secrets = [secret('token-1')]
  const redact = createLiveRedact(() => secrets)
  const text = 'token-1 token-2 token-3'
  assert.is(redact(text), '[redacted] token-2 token-3')
  secrets = [secret('token-2')]
  assert.is(redact(text), 'token-1 [redacted] token-3')
  secrets.push(secret('token-3'))
  assert.is(redact(text), 'token-1 [redacted] [redacted]')
  secrets = []
  assert.is(redact(text), text)
})

redactIt('leaves no secret in any text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: shortestRedacted, unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.string({ unit: 'grapheme-ascii' })),
      (values, texts) => {
        const redact = createRedact(values.map(secret))
        const text = redact([...texts, ...values, ...texts].join('\n'))
        for (const value of values) {
          // What is left of a value may still be spelled by the mark itself.
          if (!'[redacted]'.includes(value)) assert.not(text.replaceAll('[redacted]', '\n').includes(value))
        }
      },
    ),
  )
})

redactIt.run()
