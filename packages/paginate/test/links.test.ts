import { isMillraceError, type Row } from '@millrace/core'
import { type Answer, headerLink, jsonLink, type PageRequest, paginate } from '@millrace/paginate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readAll, testPaginator } from '../../../test/support/test-paginator.ts'

const rowsOf = (count: number): Row[] => Array.from({ length: count }, (_, id) => ({ id }))
const home = 'https://api.example.com/v1/items?limit=10'

/** Pages of ten of 35 rows, and the relative link to the next one. */
function page(request: PageRequest): { rows: Row[]; url: string; link: string | undefined } {
  const url = request.url ?? home
  const start = Number(new URL(url).searchParams.get('after') ?? 0)
  const link = start + 10 < 35 ? `?limit=10&after=${start + 10}` : undefined
  return { rows: rowsOf(35).slice(start, start + 10), url, link }
}

testPaginator('jsonLink', {
  paginator: jsonLink({ nextUrlPath: "paging['@next']" }),
  answer: (request) => {
    const { link = '', ...rest } = page(request)
    return { ...rest, body: { paging: { '@next': link } } }
  },
  rows: rowsOf(35),
  pages: 4,
})
testPaginator('headerLink', {
  paginator: headerLink(),
  answer: (request) => {
    const { link, ...rest } = page(request)
    const headers = new Headers({ link: `<${link}>; rel="${link ? 'next' : 'last'}", <${home}>; rel="first"` })
    return { ...rest, headers }
  },
  rows: rowsOf(35),
  pages: 4,
})

const it = suite('links')

const jsonNext = (next: unknown, url: string | undefined = home): unknown =>
  jsonLink().next({ rows: [], body: { next }, ...(url !== '' && { url }) }, {})?.url

it('resolves a relative link against the URL that gave it', () => {
  for (const [link, url] of [
    ['?page=2', 'https://api.example.com/v1/items?page=2'],
    ['items?page=2', 'https://api.example.com/v1/items?page=2'],
    ['/v2/items', 'https://api.example.com/v2/items'],
    ['//other.example/x', 'https://other.example/x'],
    ['https://api.example.com/a?sig=%2f%2F#part', 'https://api.example.com/a?sig=%2f%2F'],
    [' https://api.example.com/a ', 'https://api.example.com/a'],
  ]) {
    assert.is(jsonNext(link), url)
  }
})

it('leaves a relative link as it is where nobody says what it is relative to', () => {
  assert.is(jsonNext('?page=2', ''), '?page=2')
  assert.is(jsonNext('https://x.example/?page=2', ''), 'https://x.example/?page=2')
})

it('ends where the link is missing, null, false or empty', () => {
  for (const next of [undefined, null, false, '', '  ']) assert.is(jsonNext(next), undefined)
})

it('fails where the link is no URL of HTTP', () => {
  for (const next of [
    5,
    { href: 'https://x.example' },
    true,
    'http://[',
    'javascript:alert(1)',
    'file:///etc/passwd',
  ]) {
    assert.throws(
      () => jsonNext(next),
      (thrown: unknown) => isMillraceError(thrown) && thrown.code === 'E_PAGINATOR',
    )
  }
})

const headerNext = (link: string | undefined, linksNextKey?: string): unknown =>
  headerLink(linksNextKey === undefined ? {} : { linksNextKey }).next(
    { rows: [], url: home, headers: new Headers(link === undefined ? {} : { link }) },
    {},
  )?.url

it('reads the Link header as RFC 8288 has it', () => {
  const two = 'https://x.example/?page=2'
  for (const [header, expected] of [
    [`<${two}>; rel="next"`, two],
    [`<${two}>;rel=next`, two],
    [`<${two}> ; title="a, b; rel=x" ; REL = "prev NEXT"`, two],
    [`<https://x.example/?page=1>; rel="prev", <${two}>; rel="next"`, two],
    [`<https://x.example/?ids=1,2;3>; rel="first",<${two}>; rel=next; type="a\\"b"`, two],
    [`<https://x.example/?ids=1,2;3>; rel="next"`, 'https://x.example/?ids=1,2;3'],
    [`, ,<${two}>; foo; rel="next",`, two],
    [`<${two}>; rel="prev"; rel="next"`, undefined],
    [`<${two}>; rel="nextish"`, undefined],
    [`<${two}>; rel="next"; anchor="/other"`, undefined],
    [`<${two}>`, undefined],
    ['<>; rel="next"', undefined],
    ['nothing of the kind; rel="next"', undefined],
    ['</a?page=2>; rel=next', 'https://api.example.com/a?page=2'],
    [undefined, undefined],
  ] as const) {
    assert.is(headerNext(header), expected, header)
  }
  assert.is(headerNext(`<${two}>; rel="older"`, 'Older'), two)
  assert.throws(() => headerLink({ linksNextKey: '' }), /linksNextKey must not be empty/)
})

it('keeps every byte of a Link header that is not ASCII', () => {
  const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
  assert.is(
    headerNext(`<${asBytes('https://x.example/größe?q=日本')}>; rel="next"`),
    'https://x.example/gr%C3%B6%C3%9Fe?q=%E6%97%A5%E6%9C%AC',
  )
  assert.is(headerNext('<https://x.example/?q=gr\xf6\xdfe>; rel="next"'), 'https://x.example/?q=gr%F6%DFe')
  assert.is(headerNext(`<https://${asBytes('münchen')}.example/>; rel="next"`), 'https://xn--mnchen-3ya.example/')
})

it('reads a long hostile Link header in no time', () => {
  assert.is(headerNext(`<${'a'.repeat(50_000)}`), undefined)
  assert.is(headerNext(`<x>${' ;'.repeat(50_000)}`), undefined)
  assert.is(headerNext(`<x>; a="${'\\"'.repeat(50_000)}`), undefined)
})

it('ends in E_PAGE_LOOP where a link leads to its own page, also from the first one', async () => {
  for (const urls of [[home], ['?page=2', home], ['?page=2', '?page=3', '?page=2']]) {
    let asked = 0
    const fetchPage = async ({ url = home }: PageRequest): Promise<Answer> => {
      const next = urls[asked++]
      return { rows: [{ id: asked }], body: { next }, url }
    }
    const read = readAll(paginate(fetchPage, jsonLink()))
    assert.is(await read.catch((thrown: { code: string }) => thrown.code), 'E_PAGE_LOOP')
    assert.is(asked, urls.length)
  }
})

it.run()
