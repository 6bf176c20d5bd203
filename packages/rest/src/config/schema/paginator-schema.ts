import type { Paginator } from '@millrace/paginate'
import { z } from 'zod'
import { paginatorOf } from '../../request/create-paginator.ts'
import type {
  AutoPaginatorConfig,
  CursorPaginatorConfig,
  HeaderCursorPaginatorConfig,
  HeaderLinkPaginatorConfig,
  JsonLinkPaginatorConfig,
  OffsetPaginatorConfig,
  PageNumberPaginatorConfig,
  PaginatorConfig,
  PaginatorSettings,
  SinglePagePaginatorConfig,
} from '../paginator-config.ts'
import { type Fields, madeInCode, name, valuePath, wholeFrom } from './fields.ts'

/** What is wrong only in the light of another setting. */
const consistent = (config: object, context: z.RefinementCtx): void => {
  if (context.issues.length > 0) return
  try {
    paginatorOf(config as PaginatorSettings)
  } catch (thrown) {
    context.addIssue((thrown as Error).message)
  }
}

const maxPages = wholeFrom(1).exactOptional()
const initialCursor = z.union([z.string(), z.number()], { error: 'expected text or a number' }).exactOptional()

const offsetPaginator = z
  .strictObject({
    type: z.literal('offset'),
    limit: wholeFrom(1).exactOptional(),
    offset: wholeFrom(0).exactOptional(),
    overlap: wholeFrom(0).exactOptional(),
    offsetParam: name.exactOptional(),
    offsetBodyPath: name.exactOptional(),
    limitParam: name.exactOptional(),
    limitBodyPath: name.exactOptional(),
    totalPath: valuePath.nullable().exactOptional(),
    maximumOffset: wholeFrom(1).exactOptional(),
    stopAfterEmptyPage: z.boolean().exactOptional(),
    hasMorePath: valuePath.exactOptional(),
    maxPages,
  } satisfies Fields<OffsetPaginatorConfig>)
  .superRefine(consistent)

const pageNumberPaginator = z
  .strictObject({
    type: z.literal('page_number'),
    basePage: wholeFrom(0).exactOptional(),
    page: wholeFrom(0).exactOptional(),
    pageParam: name.exactOptional(),
    pageBodyPath: name.exactOptional(),
    totalPath: valuePath.nullable().exactOptional(),
    maximumPage: wholeFrom(1).exactOptional(),
    stopAfterEmptyPage: z.boolean().exactOptional(),
    hasMorePath: valuePath.exactOptional(),
    maxPages,
  } satisfies Fields<PageNumberPaginatorConfig>)
  .superRefine(consistent)

const cursorPaginator = z
  .strictObject({
    type: z.literal('cursor'),
    cursorPath: valuePath.exactOptional(),
    cursorParam: name.exactOptional(),
    cursorBodyPath: name.exactOptional(),
    initialCursor,
    stopAfterEmptyPage: z.boolean().exactOptional(),
    hasMorePath: valuePath.exactOptional(),
    maxPages,
  } satisfies Fields<CursorPaginatorConfig>)
  .superRefine(consistent)

const headerCursorPaginator = z
  .strictObject({
    type: z.literal('header_cursor'),
    cursorKey: name.exactOptional(),
    cursorParam: name.exactOptional(),
    cursorBodyPath: name.exactOptional(),
    initialCursor,
    maxPages,
  } satisfies Fields<HeaderCursorPaginatorConfig>)
  .superRefine(consistent)

const headerLinkPaginator = z.strictObject({
  type: z.literal('header_link'),
  linksNextKey: name.exactOptional(),
  maxPages,
} satisfies Fields<HeaderLinkPaginatorConfig>)

const jsonLinkPaginator = z.strictObject({
  type: z.literal(['json_link', 'json_response']),
  nextUrlPath: valuePath.exactOptional(),
  maxPages,
} satisfies Fields<JsonLinkPaginatorConfig>)

const singlePagePaginator = z.strictObject({
  type: z.literal('single_page'),
  maxPages,
} satisfies Fields<SinglePagePaginatorConfig>)

const autoPaginator = z.strictObject({
  type: z.literal('auto'),
  maxPages,
} satisfies Fields<AutoPaginatorConfig>)

export const paginator: z.ZodType = z.union([
  madeInCode<Paginator>(['first', 'next'], 'a paginator'),
  z.enum([
    'offset',
    'page_number',
    'cursor',
    'header_cursor',
    'header_link',
    'json_link',
    'json_response',
    'single_page',
    'auto',
  ]),
  offsetPaginator,
  pageNumberPaginator,
  cursorPaginator,
  headerCursorPaginator,
  headerLinkPaginator,
  jsonLinkPaginator,
  singlePagePaginator,
  autoPaginator,
]) satisfies z.ZodType<PaginatorConfig>
