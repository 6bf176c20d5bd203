import { Secret } from '@millrace/core'
import { valueAt } from '@millrace/paginate'
import { z } from 'zod'
import { paginatorOf } from './create-paginator.ts'
import type {
  ApiKeyAuthConfig,
  AuthConfig,
  BasicAuthConfig,
  BearerAuthConfig,
  ClientConfig,
  CursorPaginatorConfig,
  EndpointConfig,
  HeaderCursorPaginatorConfig,
  HeaderLinkPaginatorConfig,
  IncrementalConfig,
  JsonLinkPaginatorConfig,
  OffsetPaginatorConfig,
  PageNumberPaginatorConfig,
  PaginatorConfig,
  PaginatorSettings,
  RateLimitConfig,
  ResourceConfig,
  ResourceDefaults,
  RestConfig,
  RetryConfig,
  SinglePagePaginatorConfig,
  WriteDispositionConfig,
} from './rest-config.ts'
import { compileSelector } from './selector.ts'
import { hasPlaceholder, parseTemplate } from './template.ts'

/**
 * The configuration as a schema: what keys there are, and what each may hold. `Fields` makes the compiler compare every
 * object with its interface, in both directions.
 */
type Fields<T> = Record<keyof T, z.ZodType>

const name = z.string().min(1)
const seconds = z.number().positive()
const wholeFrom = (least: number) => z.number().int().min(least)

const secretValue = z.union([z.string(), z.instanceof(Secret)], {
  error: 'expected text, secret(…) or env(…)',
})

/** Text that has to make sense to `parse`; what `parse` throws is the problem. */
const parsed = (parse: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      parse(text)
    } catch (thrown) {
      context.addIssue((thrown as Error).message)
    }
  })

const template = parsed(parseTemplate)
const selector = parsed(compileSelector).min(1)
/** A path to one value of an answer. */
const valuePath = parsed((text) => valueAt(undefined, text))
const baseUrl = z.string().refine((text) => URL.canParse(text) && /^https?:/i.test(text), {
  error: 'expected a URL that starts with http:// or https://',
})

const apiKeyAuth = z.strictObject({
  type: z.literal('api_key'),
  apiKey: secretValue,
  name: name.exactOptional(),
  location: z.enum(['header', 'query', 'param', 'cookie']).exactOptional(),
} satisfies Fields<ApiKeyAuthConfig>)

const bearerAuth = z.strictObject({
  type: z.literal('bearer').exactOptional(),
  token: secretValue,
} satisfies Fields<BearerAuthConfig>)

const basicAuth = z.strictObject({
  type: z.literal('http_basic'),
  username: secretValue,
  password: secretValue,
} satisfies Fields<BasicAuthConfig>)

const auth = z.union([apiKeyAuth, bearerAuth, basicAuth]) satisfies z.ZodType<AuthConfig>

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

const paginator = z.union([
  z.enum([
    'offset',
    'page_number',
    'cursor',
    'header_cursor',
    'header_link',
    'json_link',
    'json_response',
    'single_page',
  ]),
  offsetPaginator,
  pageNumberPaginator,
  cursorPaginator,
  headerCursorPaginator,
  headerLinkPaginator,
  jsonLinkPaginator,
  singlePagePaginator,
]) satisfies z.ZodType<PaginatorConfig>

const retry = z.strictObject({
  maxRetries: wholeFrom(0).exactOptional(),
  backoffFactor: z.number().min(1).exactOptional(),
  statuses: z.array(wholeFrom(100).max(599)).exactOptional(),
  maxWait: z.number().min(0).exactOptional(),
} satisfies Fields<RetryConfig>)

const rateLimit = z.strictObject({
  requests: z.number().positive().exactOptional(),
  perSeconds: seconds.exactOptional(),
  maxConcurrency: wholeFrom(1).exactOptional(),
} satisfies Fields<RateLimitConfig>)

const client = z.strictObject({
  baseUrl,
  headers: z.record(z.string(), secretValue).exactOptional(),
  auth: auth.exactOptional(),
  paginator: paginator.exactOptional(),
  retry: retry.exactOptional(),
  timeout: seconds.exactOptional(),
  totalTimeout: seconds.exactOptional(),
  rateLimit: rateLimit.exactOptional(),
  allowedHosts: z.array(name).exactOptional(),
} satisfies Fields<ClientConfig>)

const incremental = z.strictObject({
  cursorPath: selector,
  initialValue: z.union([z.string(), z.number()], { error: 'expected text or a number' }).exactOptional(),
  startParam: name.exactOptional(),
  rowOrder: z.enum(['asc', 'desc']).exactOptional(),
  onCursorValueMissing: z.enum(['raise', 'include', 'exclude']).exactOptional(),
} satisfies Fields<IncrementalConfig>)

const paramScalar = z.union([template, z.number(), z.boolean()])
const paramValue = z.union([template, z.number(), z.boolean(), z.null(), z.array(paramScalar)], {
  error:
    'expected text, a number, true or false, null, or a list of these; parameters of dlt with a type are not supported yet: use a placeholder such as {incremental.start_value}',
})

/** The name of a parameter, a header or a key of a body. */
const plainName = parsed(checkName)

function checkName(text: string): void {
  if (!hasPlaceholder(parseTemplate(text))) return
  throw new SyntaxError(`a placeholder in a name ("${text}") is not supported yet`)
}

/** Every text in a body may hold placeholders; its keys may not. */
const body = z.json().superRefine((value, context) => {
  try {
    checkTexts(value)
  } catch (thrown) {
    context.addIssue((thrown as Error).message)
  }
})

function checkTexts(value: unknown): void {
  if (typeof value === 'string') parseTemplate(value)
  if (typeof value !== 'object' || value === null) return
  for (const [key, each] of Object.entries(value)) {
    checkName(key)
    checkTexts(each)
  }
}

const endpoint = z.strictObject({
  path: template.exactOptional(),
  method: z.enum(['GET', 'POST']).exactOptional(),
  params: z.record(plainName, paramValue).exactOptional(),
  headers: z.record(plainName, template).exactOptional(),
  json: body.exactOptional(),
  paginator: paginator.nullable().exactOptional(),
  dataSelector: selector.nullable().exactOptional(),
  incremental: incremental.nullable().exactOptional(),
  retry: retry.exactOptional(),
  onMissingSelector: z.enum(['fail', 'empty']).exactOptional(),
} satisfies Fields<EndpointConfig>)

const disposition = z.enum(['append', 'replace', 'merge'])
const dispositionObject = z.strictObject({ disposition })
const writeDisposition = z.union([disposition, dispositionObject]) satisfies z.ZodType<WriteDispositionConfig>
const primaryKey = z.union([name, z.array(name).min(1)])

const resourceDefaults = z.strictObject({
  tableName: name.exactOptional(),
  endpoint: endpoint.exactOptional(),
  primaryKey: primaryKey.exactOptional(),
  writeDisposition: writeDisposition.exactOptional(),
  selected: z.boolean().exactOptional(),
} satisfies Fields<ResourceDefaults>)

const resource = z.strictObject({
  ...resourceDefaults.shape,
  name,
  endpoint: z.union([template, endpoint]).exactOptional(),
} satisfies Fields<ResourceConfig>)

export const configSchema: z.ZodType<RestConfig> = z.strictObject({
  client,
  resourceDefaults: resourceDefaults.exactOptional(),
  resources: z.array(z.union([name, resource])).min(1),
} satisfies Fields<RestConfig>)

const resourceKeysNotYet = [
  'includeFromParent',
  'processingSteps',
  'parallelized',
  'maxTableNesting',
  'mergeKey',
  'columns',
  'schemaContract',
  'tableFormat',
  'fileFormat',
  'references',
  'parentTableName',
  'nestedHints',
  'rows',
]

/** Keys that belong to the language of the configuration and that this version does not know what to do with. */
export const keysNotYet: ReadonlyMap<z.ZodType, readonly string[]> = new Map<z.ZodType, readonly string[]>([
  [client, ['session']],
  [resource, resourceKeysNotYet],
  [resourceDefaults, resourceKeysNotYet],
  [endpoint, ['data', 'auth', 'responseActions', 'responseFormat']],
  [
    incremental,
    [
      'endValue',
      'endParam',
      'lastValueFunc',
      'primaryKey',
      'lag',
      'rangeStart',
      'rangeEnd',
      'convert',
      'transform',
      'allowExternalSchedulers',
      'step',
      'perParent',
    ],
  ],
  [
    dispositionObject,
    [
      'strategy',
      'deduplicated',
      'validityColumnNames',
      'activeRecordTimestamp',
      'boundaryTimestamp',
      'rowVersionColumnName',
    ],
  ],
])

/** The same for the values of `type`, and for strategies by name alone. */
export const typesNotYet: ReadonlyMap<z.ZodType, readonly string[]> = new Map<z.ZodType, readonly string[]>([
  [auth, ['oauth2_client_credentials', 'oauth2', 'jwt']],
  [paginator, ['auto']],
])
