import { gzipSync } from 'node:zlib'
import type { BodyFormat, HttpRequest } from '@millrace/http'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Reply } from '../../../test/support/http-server.ts'
import { withServer } from './with-server.ts'

const it = suite('http body formats')

type Body = string | Uint8Array

/** What the client makes of one body. */
async function decoded(body: Body, contentType: string, asked: Partial<HttpRequest> = {}): Promise<unknown> {
  let found: unknown
  await withServer(
    () => ({ body, headers: contentType === '' ? {} : { 'content-type': contentType } }),
    async ({ client }) => {
      found = (await client.get('x', asked)).body
    },
  )
  return found
}

/** Why the client makes nothing of it, and how often it asked. */
async function refused(body: Body, contentType: string): Promise<{ message: string; line: unknown; asked: number }> {
  let result = { message: '', line: undefined as unknown, asked: 0 }
  await withServer(
    () => ({ body, headers: { 'content-type': contentType } }),
    async ({ server, client }) => {
      const error = await failureOf(client.get('x', { retry: { maxRetries: 1 } }))
      assert.is(error.code, 'E_PAYLOAD')
      result = { message: error.message, line: error.context['line'], asked: server.requests.length }
    },
  )
  return result
}

it('finds the format in the content type, and takes what the request says over it', async () => {
  const cases: [contentType: string, asked: BodyFormat | undefined, format: BodyFormat, accept: string][] = [
    ['application/json', undefined, 'json', 'application/json'],
    ['application/x-ndjson', undefined, 'ndjson', 'application/json'],
    ['Application/NDJSON; charset=utf-8', undefined, 'ndjson', 'application/json'],
    ['application/jsonl', undefined, 'ndjson', 'application/json'],
    ['application/jsonlines', undefined, 'ndjson', 'application/json'],
    ['text/csv; header=present', undefined, 'csv', 'application/json'],
    ['text/plain', undefined, 'json', 'application/json'],
    ['application/json-seq', undefined, 'json', 'application/json'],
    ['', undefined, 'json', 'application/json'],
    ['text/plain', 'ndjson', 'ndjson', 'application/x-ndjson, */*;q=0.1'],
    ['application/octet-stream', 'csv', 'csv', 'text/csv, */*;q=0.1'],
    ['text/csv', 'json', 'json', 'application/json'],
  ]
  await withServer(
    (_, index): Reply => ({ body: '1', headers: { 'content-type': cases[index]?.[0] ?? '' } }),
    async ({ server, client }) => {
      for (const [contentType, asked, format, accept] of cases) {
        const response = await client.get('x', asked === undefined ? {} : { format: asked })
        assert.is(response.format, format, contentType)
        assert.is(server.requests.at(-1)?.headers['accept'], accept)
      }
    },
  )
})

it('reads NDJSON: a value a line, exact integers, blank lines skipped, any line break', async () => {
  const text = '\ufeff{"id":9007199254740993}\r\n\n  \n[1]\n"two\u2028lines"\nnull'
  assert.equal(await decoded(text, 'application/x-ndjson'), [{ id: 9007199254740993n }, [1], 'two\u2028lines', null])
  assert.equal(await decoded('{"a":1}\n', 'application/x-ndjson'), [{ a: 1 }])
  assert.equal(await decoded(gzipSync('{"a":1}\n{"a":2}\n'), 'application/x-ndjson'), [{ a: 1 }, { a: 2 }])
})

it('takes NDJSON without a line for no rows: the format has no other way to say so', async () => {
  assert.equal(await decoded('', 'application/x-ndjson'), [])
  assert.equal(await decoded('\n', 'application/x-ndjson'), [])
})

it('names the line of NDJSON that is wrong', async () => {
  const cases: [text: string, message: RegExp, line: number][] = [
    ['{"a":1}\n\n{"a":}\n{"a":3}', /the body has a line 3 that is not valid JSON. It starts with: \{"a":\}/, 3],
    ['{"a":1\n{"a":2}\n', /the body has a line 1 that is not valid JSON/, 1],
    ['{"a":1}\n{"a":NaN}\n', /the body has a line 2 that is not valid JSON/, 2],
    ['{"a":1}\n{"a":1e999}\n', /a line 2 that has a number too large to hold at \$\.a/, 2],
    ['<html>Log in</html>', /is HTML or XML, such as a login page/, 0],
  ]
  for (const [text, message, line] of cases) {
    const found = await refused(text, 'application/x-ndjson')
    assert.match(found.message, message)
    assert.is(found.line ?? 0, line)
    assert.is(found.asked, 1, `${text} was not cut off`)
  }
})

it('asks again for NDJSON that ends within a line', async () => {
  const whole = '{"a":1}\n{"b":[1,"x\\u00e4"]}\n'
  for (let cut = 9; cut < whole.length - 2; cut += 1) {
    const found = await refused(whole.slice(0, cut), 'application/x-ndjson')
    assert.match(found.message, /line 2 that is not valid JSON: it was cut off/)
    assert.is(found.asked, 2, whole.slice(0, cut))
  }
})

it('reads CSV: rows by the names in the first line, all values text', async () => {
  const cases: [text: string, rows: unknown][] = [
    [
      'id,name\n1,Ada\n2,\n',
      [
        { id: '1', name: 'Ada' },
        { id: '2', name: '' },
      ],
    ],
    ['\ufeffid,name\r\n007,"a ""quoted"",\r\nvalue"', [{ id: '007', name: 'a "quoted",\r\nvalue' }]],
    ['id,name\r1,Ada\r', [{ id: '1', name: 'Ada' }]],
    ['id,name\n', []],
    ['\n\nid,name\n\n1,Ada\n\n', [{ id: '1', name: 'Ada' }]],
    ['note\na\n\nb\n', [{ note: 'a' }, { note: '' }, { note: 'b' }]],
    [' a ,b\n 1 ,2', [{ ' a ': ' 1 ', b: '2' }]],
  ]
  for (const [text, rows] of cases) assert.equal(await decoded(text, 'text/csv'), rows, text)
  const [row] = (await decoded('__proto__,constructor\nx,y', 'text/csv')) as Record<string, unknown>[]
  assert.ok(Object.hasOwn(row ?? {}, '__proto__'), 'a column is a column')
})

it('names the line of CSV that is wrong', async () => {
  const cases: [text: string, message: RegExp, line: number | undefined, asked: number][] = [
    ['', /the body is empty, without even a line of column names/, undefined, 1],
    ['a,b,a\n1,2,3', /the body has two columns "a" on line 1/, 1, 1],
    ['a,,c\n1,2,3', /the body has no name for column 2 on line 1/, 1, 1],
    ['a,b\n1,2\n3,4,5\n', /the body has a line 3 with 3 values, and 2 columns. It starts with: 3,4,5/, 3, 1],
    ['a,b\n"x\r\ny",2\n\n3\n4,5\n', /has a line 5 with 1 values/, 5, 1],
    ['a,b\n1,2\n3', /has a line 3 with 1 values, and 2 columns: it was cut off/, 3, 2],
    ['a,b\n1,"unfinished', /has quotes on line 2 that are never closed: it was cut off/, 2, 2],
    ['a,b\n1,x"y"\n', /has a line 2 with a quote in the wrong place/, 2, 1],
    ['<!DOCTYPE html><p>Log in, please</p>', /is HTML or XML, such as a login page/, undefined, 1],
  ]
  for (const [text, message, line, asked] of cases) {
    const found = await refused(text, 'text/csv')
    assert.match(found.message, message)
    assert.is(found.line, line, text)
    assert.is(found.asked, asked, text)
  }
})

it('gives back every CSV that it is given, whatever is in its fields', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'ä', '🙂', ';') })
  const tables = fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 5 })
  const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`
  let body = ''
  await withServer(
    () => ({ body, headers: { 'content-type': 'text/csv' } }),
    async ({ client }) => {
      await fc.assert(
        fc.asyncProperty(tables, async (rows) => {
          body = ['one,two', ...rows.map((row) => row.map(quote).join(','))].join('\r\n')
          const expected = rows.map(([one, two]) => ({ one, two }))
          assert.equal((await client.get('x')).body, expected)
        }),
        { numRuns: 100 },
      )
    },
  )
})

it('reads the charset that a table or NDJSON is declared in, and a byte order mark before it', async () => {
  const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')
  const cases: [body: Buffer, contentType: string, expected: unknown][] = [
    [Buffer.from('n\n\xe4\x80\n', 'latin1'), 'text/csv; charset=iso-8859-1', [{ n: 'ä€' }]],
    [Buffer.from('n\n\xe4\x80\n', 'latin1'), 'text/csv;charset="Windows-1252"', [{ n: 'ä€' }]],
    [Buffer.from('"\xe4"\n', 'latin1'), 'application/x-ndjson; charset=ISO-8859-1', ['ä']],
    [utf16('n\nä漢\n'), 'text/csv; charset=utf-16', [{ n: 'ä漢' }]],
    [utf16('\ufeffn\nä漢\n'), 'text/csv', [{ n: 'ä漢' }]],
    [utf16('\ufeffn\nä漢\n').swap16(), 'text/csv; charset=utf-8', [{ n: 'ä漢' }]],
    [utf16('\ufeff{"a":"ä漢"}'), 'application/json', { a: 'ä漢' }],
    [utf16('\ufeff{"a":"ä漢"}').swap16(), 'application/json; charset=utf-8', { a: 'ä漢' }],
    [Buffer.from('{"a":"ä漢"}'), 'application/json; charset=iso-8859-1', { a: 'ä漢' }],
  ]
  for (const [body, contentType, expected] of cases) {
    assert.equal(await decoded(body, contentType), expected, contentType)
  }
})

it('refuses bytes that the charset does not have, and charsets that do not exist', async () => {
  const latin = Buffer.from('name\nM\xfcller\n', 'latin1')
  assert.match((await refused(latin, 'text/csv')).message, /the body is not UTF-8 \(after 6 characters\)/)
  assert.match(
    (await refused(latin, 'text/csv; charset=klingon')).message,
    /in the charset "klingon", which is not known/,
  )
  const odd = Buffer.concat([Buffer.from('\ufeff"a"', 'utf16le'), Buffer.from([0x41])])
  assert.match((await refused(odd, 'application/json')).message, /the body is not UTF-16LE/)
})

it.run()
