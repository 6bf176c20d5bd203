import { compilePath, joinPath, valueAt } from '@millrace/paginate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('valueAt')

const body = { a: { 'b.c': [{ d: 1 }, { d: 2 }] }, '@next': 'x', 'list of': { "it's": 3 }, '0': null }

it('reads one value at a path, by name, in quotes and by place', () => {
  for (const [path, expected] of [
    ["a['b.c'][0].d", 1],
    ['$.a["b.c"][-1].d', 2],
    ["['@next']", 'x'],
    ["$['@next']", 'x'],
    ["a.['b.c'].[1].d", 2],
    ['list of["it\'s"]', 3],
    ['0', null],
    ['a.b', undefined],
    ['a[0]', undefined],
    ["a['b.c'][9].d", undefined],
    ['toString', undefined],
  ] as const) {
    assert.is(valueAt(body, path), expected, path)
    assert.is(compilePath(path)(body), expected, path)
  }
})

it('refuses what is no path to one value', () => {
  for (const path of [
    '',
    '.',
    'a.',
    'a..b',
    'a[*]',
    'a.*',
    '@next',
    'a[0',
    'a|b',
    'a,b',
    "a['b','c']",
    '$..a',
    'a[?@.b]',
  ]) {
    assert.throws(() => compilePath(path), /is no path to one value/, path)
  }
})

it('joins names to paths that lead to them', () => {
  for (const name of ['a', 'größe', '$ref', '@odata.nextLink', "it's", 'a"b', 'two words', '0', 'a.b', 'x-y', ']']) {
    for (const path of ['', 'up', "['u.p']"]) {
      const joined = joinPath(path, name) ?? ''
      const inner = { [name]: 1 }
      assert.is(valueAt(path === '' ? inner : { up: inner, 'u.p': inner }, joined), 1, joined)
    }
  }
  assert.is(joinPath('', `'"`), undefined)
  assert.is(joinPath('a', ''), undefined)
})

it.run()
