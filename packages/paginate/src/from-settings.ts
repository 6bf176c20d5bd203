import { type CursorOptions, cursor } from './cursor.ts'
import { type HeaderCursorOptions, headerCursor } from './header-cursor.ts'
import { type HeaderLinkOptions, headerLink } from './header-link.ts'
import { type JsonLinkOptions, jsonLink } from './json-link.ts'
import { type OffsetOptions, offset } from './offset.ts'
import { type PageNumberOptions, pageNumber } from './page-number.ts'
import type { Paginator } from './paginator.ts'
import { singlePage } from './single-page.ts'

/** A paginator as plain JSON: which one it is, by dlt's name, and its options. */
export type PagingSettings =
  | (OffsetOptions & { readonly type: 'offset' })
  | (PageNumberOptions & { readonly type: 'page_number' })
  | (CursorOptions & { readonly type: 'cursor' })
  | (HeaderCursorOptions & { readonly type: 'header_cursor' })
  | (HeaderLinkOptions & { readonly type: 'header_link' })
  | (JsonLinkOptions & { readonly type: 'json_link' | 'json_response' })
  | { readonly type: 'single_page' }

/**
 * The paginator that plain JSON describes.
 *
 * @throws {RangeError | SyntaxError} where its settings make no sense.
 * @example
 * fromSettings({ type: 'offset', limit: 50 }).first() // => { query: { offset: 0, limit: 50 } }
 */
export function fromSettings(settings: PagingSettings): Paginator {
  switch (settings.type) {
    case 'offset':
      return offset(settings)
    case 'page_number':
      return pageNumber(settings)
    case 'cursor':
      return cursor(settings)
    case 'header_cursor':
      return headerCursor(settings)
    case 'header_link':
      return headerLink(settings)
    case 'json_link':
    case 'json_response':
      return jsonLink(settings)
    case 'single_page':
      return singlePage()
  }
}
