import { fromSettings, type PagingSettings } from '@millrace/paginate'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('fromSettings')

it('makes the paginator that the settings describe', () => {
  for (const [settings, name, first] of [
    [{ type: 'offset', limit: 5 }, 'offset', { query: { offset: 0, limit: 5 } }],
    [{ type: 'page_number', basePage: 1 }, 'pageNumber', { query: { page: 1 } }],
    [{ type: 'cursor', initialCursor: 'a' }, 'cursor', { query: { cursor: 'a' } }],
    [{ type: 'header_cursor', initialCursor: 'a' }, 'headerCursor', { query: { cursor: 'a' } }],
    [{ type: 'header_link' }, 'headerLink', {}],
    [{ type: 'json_link' }, 'jsonLink', {}],
    [{ type: 'json_response' }, 'jsonLink', {}],
    [{ type: 'single_page' }, 'singlePage', {}],
  ] satisfies [PagingSettings, string, object][]) {
    const paginator = fromSettings(settings)
    assert.is(paginator.name, name)
    assert.equal(paginator.first(), first)
  }
})

it('refuses settings that make no sense', () => {
  assert.throws(() => fromSettings({ type: 'offset', limit: 0 }), /limit must be a whole number from 1, got 0/)
})

it.run()
