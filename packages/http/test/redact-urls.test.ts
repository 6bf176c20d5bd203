import { redactUrls } from '@millrace/http'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('redactUrls')

it('takes out the values of secret parameters, in every spelling of their names', () => {
  const names = ['api_key', 'apikey', 'api-key', 'API_Key', 'access_token', 'token', 'key', 'secret', 'password', 'pwd']
  for (const name of [...names, 'client_secret', 'api%5Fkey', 'X-Amz-Signature']) {
    assert.is(redactUrls(`https://h/p?a=1&${name}=canary&b=2`), `https://h/p?a=1&${name}=[redacted]&b=2`)
    assert.is(redactUrls(`h/p?${name}=canary`), `h/p?${name}=[redacted]`)
  }
})

it('leaves alone what is no secret', () => {
  const url = 'https://h/p?page_token=abc&monkey=1&cursor=x%3Dy&keys=2&q=a,b:c'
  assert.is(redactUrls(url), url)
})

it('takes out names that the caller gives', () => {
  assert.is(redactUrls('http://h/?AppId=canary', ['appid']), 'http://h/?AppId=[redacted]')
})

it('takes out user names, in text that is no URL too', () => {
  assert.is(redactUrls('see https://user:canary@h/p and http://canary@h'), 'see https://h/p and http://h')
  assert.is(redactUrls('postgres://user:p@canary@[bad'), 'postgres://[bad')
})

it('finds parameters in HTML and JSON', () => {
  assert.is(redactUrls('<a href="/?x=1&amp;token=canary">'), '<a href="/?x=1&amp;token=[redacted]">')
  assert.is(
    redactUrls('{"next":"\\/?x=1\\u0026token=canary\\u0026y=2"}'),
    '{"next":"\\/?x=1\\u0026token=[redacted]\\u0026y=2"}',
  )
})

it('shows no value of a secret parameter, whatever it is', () => {
  fc.assert(
    fc.property(fc.webUrl(), fc.string({ minLength: 1 }), fc.string(), (base, value, other) => {
      const url = new URL(base)
      url.searchParams.set('other', other)
      url.searchParams.set('api_key', `canary${value}`)
      assert.not.match(redactUrls(url.href), /canary/)
    }),
  )
})

it.run()
