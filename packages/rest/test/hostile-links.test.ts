import { restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type HttpServer, type Reply, startHttpServer } from '../../../test/support/http-server.ts'
import { readPages } from '../../../test/support/read-pages.ts'

const it = suite('hostile links')

/** Another origin, which must never be asked anything. */
let other: HttpServer
it.before(async () => {
  other = await startHttpServer(() => ({ json: [] }))
})
it.after(() => other.close())

/** `HOME` is the host of the API, `OTHER` the one of the other server. */
const links = [
  ...[
    'http://OTHER/',
    'https://OTHER/',
    '//OTHER/x',
    '///OTHER/x',
    '////OTHER',
    '/\\OTHER/x',
    '\\\\OTHER\\x',
    '\\/OTHER',
  ],
  ...[
    'HTTP://OTHER',
    'http:OTHER',
    'http:/OTHER',
    'http:\\\\OTHER',
    'http:///OTHER',
    ' http://OTHER',
    '\thttp://OTHER',
  ],
  ...[
    'ht\ntp://OTHER',
    'http\r\n://OTHER',
    'http://OTHER#@HOME',
    'http://OTHER?@HOME',
    'http://OTHER\\@HOME',
    '//OTHER:80',
  ],
  ...[
    'http://HOME@OTHER',
    'http://HOME:x@OTHER/',
    'http://x:y@HOME/z',
    'http://user@HOME/z',
    'https://HOME/z',
    '//x@HOME/z',
  ],
  ...[
    'http://HOME.OTHER/',
    'http://OTHER/..//HOME',
    'http://HOME%2eOTHER',
    'http://HOME%00.OTHER',
    'http://HOME OTHER',
  ],
  ...[
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ftp://OTHER/',
    'blob:http://HOME/1',
    'ws://HOME/',
  ],
  ...['gopher://HOME', 'unix:/var/run/x', 'about:blank', 'mailto:a@b', 'view-source:http://HOME', 'http+unix://HOME'],
  ...['http://0/', 'http://0.0.0.0/', 'http://2130706433/', 'http://0x7f.1/', 'http://127.1/', 'http://0177.0.0.1/'],
  ...['http://[::1]/', 'http://[::ffff:127.0.0.1]/', 'http://[::]/', 'http://localhost/', 'http://localtest.me./'],
  ...[
    'http://169.254.169.254/latest/meta-data',
    'http://metadata.google.internal/',
    'http://HOME:1/',
    'http://HOME:0/',
  ],
  ...[
    'http://',
    'http://?',
    'http:// /',
    'http://[',
    'http://[::1',
    'http://a b/',
    'http://%zz/',
    'http://\u0000/',
    'http://xn--/',
  ],
  ...[
    'http://ＯＴＨＥＲ/',
    'http://①②⑦.⓪.⓪.①/',
    'http://HOME\u3002x/',
    '?x=1#http://OTHER',
    './/OTHER/x',
    '/%2f%2fOTHER',
  ],
]

it('are at least sixty', () => {
  assert.ok(new Set(links).size >= 60)
})

for (const way of ['json', 'header', 'redirect'] as const) {
  it(`lead nowhere but to the API, by ${way}`, async () => {
    for (const template of links) {
      const key = 'k3y-that-stays-home'
      let link = ''
      const api = await startHttpServer(({ query, path }): Reply => {
        if (path !== '/start' || query.has('seen')) return { json: { data: [], next: null } }
        const safe = link.replaceAll(/[^\x20-\x7e]/g, encodeURIComponent)
        if (way === 'redirect') return { status: 302, headers: { location: safe } }
        if (way === 'header') return { json: { data: [{ id: 1 }] }, headers: { link: `<${safe}>; rel="next"` } }
        return { json: { data: [{ id: 1 }], next: link } }
      })
      // Both names and addresses, without the ports where the link has its own.
      link = template.replaceAll('HOME', api.host).replaceAll('OTHER', other.host)
      const source = restSource({
        client: {
          baseUrl: api.url,
          auth: { type: 'api_key', name: 'x-key', apiKey: key },
          retry: { maxRetries: 0 },
          paginator: way === 'header' ? 'header_link' : { type: 'json_link', maxPages: 3 },
        },
        resources: [{ name: 'start', endpoint: { dataSelector: 'data', onMissingSelector: 'empty' } }],
      })
      const [stream] = source.streams()
      try {
        if (stream) await readPages(stream)
      } catch (thrown) {
        const { code, message } = thrown as Error & { code?: string }
        assert.match(
          String(code),
          /^E_(CROSS_ORIGIN|PAGINATOR|URL|PAGE_LOOP|TOO_MANY_REDIRECTS|PROTOCOL)$/,
          `${link}: ${message}`,
        )
        assert.not.match(message, key)
      } finally {
        await api.close()
      }
      assert.is(other.requests.length, 0, `${way} ${JSON.stringify(link)}`)
    }
  })
}

it.run()
