import type { Clock, Emit, JsonValue, PageMeta, Secret } from '@millrace/core'
import type { Limiter } from '@millrace/ratelimit'
import type { RetryBudget } from '@millrace/retry'
import type { Dispatcher } from 'undici'
import type { Authenticator } from './authenticator.ts'
import type { BodyFormat } from './body-format.ts'
import type { Judge } from './judge.ts'
import type { Query } from './query.ts'
import type { Form } from './request-body.ts'

/** When to try again, and how often. */
export interface HttpRetryOptions {
  /** Retries after the first attempt. Default 3. */
  readonly maxRetries?: number
  /** Each wait is this many times the last: about 2, 4, 8 s. Default 2. */
  readonly backoffFactor?: number
  /** Statuses that are tried again, whatever the method. Default `defaultRetryStatuses`. */
  readonly statuses?: readonly number[]
  /** Longest single wait, milliseconds; a longer `Retry-After` ends as `E_WAIT_TOO_LONG`. Default 15 minutes. */
  readonly maxWaitMs?: number
}

export interface HttpClientOptions {
  /** What the paths of requests are joined to. Credentials go to its origin and to no other. */
  readonly baseUrl: string
  /** Sent with every request to the base URL's origin. */
  readonly headers?: Readonly<Record<string, string>>
  readonly auth?: Authenticator
  readonly retry?: HttpRetryOptions
  /**
   * Paces requests, and keeps to what the server announces or asks for. One for all clients of a host, or by default one
   * for this client, which does the latter only.
   */
  readonly limiter?: Limiter
  /** Longest silence of the server, before its answer and within it, milliseconds. Default `defaultTimeoutMs`. */
  readonly timeoutMs?: number
  /** Longest time for one attempt, redirects and body included, milliseconds. Default `defaultTotalTimeoutMs`. */
  readonly totalTimeoutMs?: number
  /** Longest time to connect, milliseconds. Default `defaultConnectTimeoutMs`. Not used with a `dispatcher`. */
  readonly connectTimeoutMs?: number
  /** Other hosts (`host` or `host:port`) that absolute URLs and redirects may go to, without any credentials. */
  readonly allowedHosts?: readonly string[]
  /** Largest body, unpacked. Default `defaultMaxBodyBytes`. */
  readonly maxBodyBytes?: number
  /** Deepest nesting of JSON. Default `defaultMaxDepth`. */
  readonly maxDepth?: number
  /** A body that comes more slowly is given up; 0 for never. Default `defaultMinBytesPerSecond`. */
  readonly minBytesPerSecond?: number
  /** The time that counts for it, milliseconds. Default `defaultRateWindowMs`, or `timeoutMs` where that is set longer. */
  readonly rateWindowMs?: number
  /**
   * Refuses to connect to this machine and to private networks, by whatever name: for URLs that strangers wrote. Default
   * false. Not used with a `dispatcher`, which makes its own connections.
   */
  readonly blockPrivateNetworks?: boolean
  /** Retries that all clients of one host may take in total. Default: one for this client alone. */
  readonly budget?: RetryBudget
  readonly clock?: Clock
  /** Numbers in [0, 1) for jitter. */
  readonly random?: () => number
  readonly emit?: Emit
  /** For proxies and special TLS: an undici `Agent` of your own. It stays yours to close. */
  readonly dispatcher?: Dispatcher
  /** More values that must never be seen: those in headers and bodies, which the client cannot tell from others. */
  readonly secrets?: readonly Secret[]
}

export interface HttpRequest {
  /** Default `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Joined to the base URL with one `/`, or an absolute URL. */
  readonly path: string
  /** Takes the place of parameters of the same name in the base URL and the path. */
  readonly query?: Query
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as the body. At most one of `json`, `form` and `text`. */
  readonly json?: JsonValue
  /** Sent as the body, as a form. A list of pairs keeps their order and repeats names. */
  readonly form?: Form
  /** Sent as the body, as it is; `content-type` is `text/plain`, unless `headers` say otherwise. */
  readonly text?: string
  /** What the body of the answer is. Default: what its `content-type` says, and JSON where it says nothing known. */
  readonly format?: BodyFormat
  readonly signal?: AbortSignal
  /**
   * Ends what goes before an attempt, the wait for a place and the wait for a retry, with its reason; an attempt that is
   * under way is finished. `signal` ends both.
   */
  readonly waitSignal?: AbortSignal
  /** In place of the client's. */
  readonly timeoutMs?: number
  /** Over the client's. */
  readonly retry?: HttpRetryOptions
  /**
   * Whether the request may be sent again after a connection was lost, when the server may have acted on it.
   * Default: true for `GET` and `HEAD`. A `POST` that only searches may say so.
   */
  readonly idempotent?: boolean
  /** Asked about every complete answer that is no redirect, before its status is looked at. */
  readonly judge?: Judge
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Headers
  /** Null for an answer that has none by definition: 204, 205 and `HEAD`. */
  readonly body: JsonValue
  /** As which the body was decoded. Rows of `ndjson` and `csv` are a list; values of `csv` are text. */
  readonly format: BodyFormat
  /**
   * That answered, after redirects, as it was before `auth` put credentials on it: what relative links are relative to.
   * Not for printing: what the caller or the API wrote into it is still there. `meta.url` is redacted.
   */
  readonly url: string
  readonly meta: PageMeta
  /** `judge` said so: whatever the status is, this is not what was asked for. */
  readonly ignored?: true
}

export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>
  get(path: string, options?: Omit<HttpRequest, 'method' | 'path' | 'json' | 'form' | 'text'>): Promise<HttpResponse>
  /** Waits for running requests and closes the connections. */
  close(): Promise<void>
}
