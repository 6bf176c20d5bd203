import type { JsonValue, Secret } from '@millrace/core'
import type {
  CursorOptions,
  HeaderCursorOptions,
  HeaderLinkOptions,
  JsonLinkOptions,
  OffsetOptions,
  PageNumberOptions,
} from '@millrace/paginate'

/**
 * A REST API, described: where it is, how to get in, and what to read from it.
 *
 * The configuration of dlt's REST API source in TypeScript's spelling. Files may use dlt's own (`base_url`): see
 * `readRestConfig`.
 */
export interface RestConfig {
  /** Where the API is, and how to talk to it. */
  readonly client: ClientConfig
  /** Taken over by every resource that does not say otherwise. `params` and `json` are merged key by key. */
  readonly resourceDefaults?: ResourceDefaults
  /** What to read. A string is the name and the path at once. */
  readonly resources: readonly (string | ResourceConfig)[]
}

/** What can hold a secret: the text itself, or one wrapped by `secret()` or `env('NAME')`. */
export type SecretValue = string | Secret

export interface ClientConfig {
  /** What all paths are joined to, for example `https://api.example.com/v1`. */
  readonly baseUrl: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, SecretValue>>
  /** Credentials. They go to the origin of `baseUrl` and to no other. */
  readonly auth?: AuthConfig
  /** For endpoints that name none of their own. Default: one request, and an error where the answer says there is more. */
  readonly paginator?: PaginatorConfig
  /** When to ask again. */
  readonly retry?: RetryConfig
  /** Longest silence of the server, seconds. Default 60. */
  readonly timeout?: number
  /** Longest time for one attempt, body included, seconds. Default 300. */
  readonly totalTimeout?: number
  /** Pace of all requests of this source together. Default: no limit. */
  readonly rateLimit?: RateLimitConfig
  /** Other hosts that redirects may lead to. They never see credentials. */
  readonly allowedHosts?: readonly string[]
}

export type AuthConfig = ApiKeyAuthConfig | BearerAuthConfig | BasicAuthConfig

/** A key in a header, in the query or in a cookie. */
export interface ApiKeyAuthConfig {
  readonly type: 'api_key'
  /** The key. */
  readonly apiKey: SecretValue
  /** Name of the header, parameter or cookie. Default `Authorization`. */
  readonly name?: string
  /** Default `header`. `param` is another word for `query`. */
  readonly location?: 'header' | 'query' | 'param' | 'cookie'
}

/** `Authorization: Bearer …`. */
export interface BearerAuthConfig {
  readonly type?: 'bearer'
  readonly token: SecretValue
}

/** User name and password, RFC 7617. */
export interface BasicAuthConfig {
  readonly type: 'http_basic'
  readonly username: SecretValue
  readonly password: SecretValue
}

export interface RetryConfig {
  /** Retries after the first attempt. Default 3. */
  readonly maxRetries?: number
  /** Each wait is this many times the last. Default 2: about 2, 4, 8 s. */
  readonly backoffFactor?: number
  /** Statuses that are tried again. Default 429, 500, 502, 503, 504. */
  readonly statuses?: readonly number[]
  /** Longest single wait, seconds; an API that asks for more ends the run. Default 900. */
  readonly maxWait?: number
}

export interface RateLimitConfig {
  /** Requests allowed per `perSeconds`. */
  readonly requests?: number
  /** Default 1. */
  readonly perSeconds?: number
  /** Requests running at one time. */
  readonly maxConcurrency?: number
}

/** A paginator by name, or with its settings. */
export type PaginatorConfig = PaginatorSettings['type'] | PaginatorSettings

export type PaginatorSettings =
  | OffsetPaginatorConfig
  | PageNumberPaginatorConfig
  | CursorPaginatorConfig
  | HeaderCursorPaginatorConfig
  | HeaderLinkPaginatorConfig
  | JsonLinkPaginatorConfig
  | SinglePagePaginatorConfig

export interface AnyPaginatorConfig {
  /** Pages per run. A later run goes on after them. Default: no limit. */
  readonly maxPages?: number
}

/** `?offset=0&limit=100`, advancing by the rows received. */
export interface OffsetPaginatorConfig extends OffsetOptions, AnyPaginatorConfig {
  readonly type: 'offset'
}

/** `?page=0`, `?page=1`, and so on. */
export interface PageNumberPaginatorConfig extends PageNumberOptions, AnyPaginatorConfig {
  readonly type: 'page_number'
}

/** A cursor in the body of each answer, for a parameter or the body of the next request. */
export interface CursorPaginatorConfig extends CursorOptions, AnyPaginatorConfig {
  readonly type: 'cursor'
}

/** The same with the cursor in a header of each answer. */
export interface HeaderCursorPaginatorConfig extends HeaderCursorOptions, AnyPaginatorConfig {
  readonly type: 'header_cursor'
}

/** The `Link` header of each answer (RFC 8288). */
export interface HeaderLinkPaginatorConfig extends HeaderLinkOptions, AnyPaginatorConfig {
  readonly type: 'header_link'
}

/** A link in the body of each answer. */
export interface JsonLinkPaginatorConfig extends JsonLinkOptions, AnyPaginatorConfig {
  /** `json_response` is an older word for it. */
  readonly type: 'json_link' | 'json_response'
}

/** One request and no more. */
export interface SinglePagePaginatorConfig {
  readonly type: 'single_page'
  /** Pages per run; here 1 is all there is. */
  readonly maxPages?: number
}

/** What a load does to existing rows: add, take their place all at once, or one row per primary key. */
export type WriteDispositionConfig =
  | 'append'
  | 'replace'
  | 'merge'
  | { readonly disposition: 'append' | 'replace' | 'merge' }

export interface ResourceDefaults {
  /** The table it is loaded into. Default: the resource's name. */
  readonly tableName?: string
  readonly endpoint?: EndpointConfig
  /** Columns that identify a row. */
  readonly primaryKey?: string | readonly string[]
  /** Default `append`. `merge` needs a primary key. */
  readonly writeDisposition?: WriteDispositionConfig
  /** Whether it is read at all. Default true. */
  readonly selected?: boolean
}

export interface ResourceConfig extends Omit<ResourceDefaults, 'endpoint'> {
  /** Unique in the source. */
  readonly name: string
  /** A string is the path. Default: the name is the path. */
  readonly endpoint?: string | EndpointConfig
}

export type ParamScalar = string | number | boolean
/** A list repeats the parameter; `null` leaves it out. */
export type ParamValue = ParamScalar | readonly ParamScalar[] | null

export interface EndpointConfig {
  /** Joined to the client's `baseUrl`. Placeholders are encoded as one segment. Default: the resource's name. */
  readonly path?: string
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST'
  /** Query parameters. Placeholders such as `{incremental.start_value}` are filled in. */
  readonly params?: Readonly<Record<string, ParamValue>>
  /** Headers of this endpoint, over the client's. Placeholders are filled in. */
  readonly headers?: Readonly<Record<string, string>>
  /** Body, sent as JSON. A string that is exactly one placeholder takes the value with its type. */
  readonly json?: JsonValue
  /** In place of the client's; `null` goes back to it. */
  readonly paginator?: PaginatorConfig | null
  /** Where the rows are in the body: a dotted path or RFC 9535 JSONPath. Default: found by name, see the README. */
  readonly dataSelector?: string | null
  /** Read only what is new since the last run. */
  readonly incremental?: IncrementalConfig | null
  /** Over the client's. */
  readonly retry?: RetryConfig
  /** What a selector that matches nothing means: an error (`fail`, the default), or no rows (`empty`). */
  readonly onMissingSelector?: 'fail' | 'empty'
}

export interface IncrementalConfig {
  /** Where in a row the value is that tells new from old: a dotted path or JSONPath, relative to the row. */
  readonly cursorPath: string
  /** Where the first run starts. Without it, it reads everything. */
  readonly initialValue?: string | number
  /** Query parameter that carries the start value. A placeholder in `params` does the same. */
  readonly startParam?: string
  /** The order the API gives rows in. With `desc`, reading stops after the first page with a row before the start. */
  readonly rowOrder?: 'asc' | 'desc'
  /** What a row without the value means: an error (`raise`, the default), or a row to keep or to leave out. */
  readonly onCursorValueMissing?: 'raise' | 'include' | 'exclude'
}
