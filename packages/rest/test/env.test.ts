import { inspect } from 'node:util'
import { Secret } from '@millrace/core'
import { ConfigError, env, restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('env')

it('gives the value of the variable as a secret', () => {
  const value = env('A_TOKEN', { A_TOKEN: 'k3y' })
  assert.ok(value instanceof Secret)
  assert.is(value.reveal(), 'k3y')
})

it('reads the variables of the process by default', () => {
  assert.is(env('PATH').reveal(), process.env['PATH'])
})

it('names the variable that is missing or empty, when it is needed', () => {
  for (const variables of [{}, { A_TOKEN: '' }]) {
    const value = env('A_TOKEN', variables)
    assert.throws(
      () => value.reveal(),
      (thrown: unknown) => thrown instanceof ConfigError && /variable A_TOKEN is not set/.test(thrown.message),
    )
  }
})

it('shows its value in no output', () => {
  const value = env('A_TOKEN', { A_TOKEN: 's3cr3t' })
  assert.not.match(`${value} ${JSON.stringify(value)} ${inspect(value, { showHidden: true })}`, /s3cr3t/)
})

it('is named with its place where restSource misses it', () => {
  const auth = { token: env('A_TOKEN', {}) }
  assert.throws(
    () => restSource({ client: { baseUrl: 'https://api.example.com', auth }, resources: ['a'] }),
    (thrown: unknown) =>
      thrown instanceof ConfigError && /client\.auth: the environment variable A_TOKEN is not set/.test(thrown.message),
  )
})

it.run()
