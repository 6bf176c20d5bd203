import type { HttpRequest } from '@millrace/http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withServer } from './with-server.ts'

const it = suite('http request bodies')

type Body = Pick<HttpRequest, 'json' | 'form' | 'text' | 'headers'>

it('sends JSON, forms and text, each as what it is, unless a header says otherwise', async () => {
  const json = 'application/json'
  const form = 'application/x-www-form-urlencoded'
  const text = 'text/plain;charset=UTF-8'
  const cases: [asked: Body, body: string, contentType: string][] = [
    [{ json: { a: [1, null] } }, '{"a":[1,null]}', json],
    [{ json: null }, 'null', json],
    [{ json: {}, headers: { 'Content-Type': 'application/vnd.api+json' } }, '{}', 'application/vnd.api+json'],
    [{ form: { grant: 'a b&c', scope: ['x', 'y'], none: null, n: 1 } }, 'grant=a+b%26c&scope=x&scope=y&n=1', form],
    [
      {
        form: [
          ['b', 'ä'],
          ['a', 9007199254740993n],
          ['b', false],
        ],
      },
      'b=%C3%A4&a=9007199254740993&b=false',
      form,
    ],
    [{ form: {} }, '', form],
    [{ text: 'SELECT "ä"' }, 'SELECT "ä"', text],
    [{ text: '<a/>', headers: { 'content-type': 'application/xml' } }, '<a/>', 'application/xml'],
  ]
  await withServer(
    () => ({ json: [] }),
    async ({ server, client }) => {
      for (const [asked, body, contentType] of cases) {
        await client.request({ method: 'POST', path: 'x', ...asked })
        const request = server.requests.at(-1)
        assert.is(request?.body, body)
        assert.is(request?.headers['content-type'], contentType)
      }
    },
  )
})

it('sends no content type without a body, nor after a redirect that drops it', () =>
  withServer(
    ({ path }) => (path === '/from' ? { status: 303, headers: { location: '/to' } } : { json: [] }),
    async ({ server, client }) => {
      await client.get('plain')
      await client.request({ method: 'POST', path: 'from', form: { a: 1 } })
      for (const request of [server.requests[0], server.requests[2]]) {
        assert.is(request?.method, 'GET')
        assert.is(request?.body, '')
        assert.is(request?.headers['content-type'], undefined)
      }
    },
  ))

it('repeats a form as a form where a redirect asks for it', () =>
  withServer(
    ({ path }) => (path === '/from' ? { status: 307, headers: { location: '/to' } } : { json: [] }),
    async ({ server, client }) => {
      await client.request({ method: 'POST', path: 'from', form: { a: 1 } })
      assert.is(server.requests[1]?.body, 'a=1')
      assert.is(server.requests[1]?.headers['content-type'], 'application/x-www-form-urlencoded')
    },
  ))

it('refuses two bodies in one request', () =>
  withServer(
    () => ({ json: [] }),
    async ({ server, client }) => {
      const error = await failureOf(client.request({ method: 'POST', path: 'x', json: {}, text: '' }))
      assert.is(error.code, 'E_REQUEST')
      assert.match(error.message, /a request has one body, and this one has json and text: leave out all but one/)
      assert.is(server.requests.length, 0)
    },
  ))

it.run()
