import type { JsonValue, Row } from '@millrace/core'
import type { AuthConfig, SecretValue } from './auth-config.ts'
import type { IncrementalConfig } from './incremental-config.ts'
import type { LegacyParam } from './legacy-params.ts'
import type { PaginatorConfig } from './paginator-config.ts'
import type { ProcessingStep } from './processing-step.ts'
import type { ResponseActionConfig } from './response-rule.ts'
import type { SchemaConfig } from './schema-config.ts'

/**
 * A REST API, described: where it is, how to get in, and what to read from it.
 *
 * The configuration of dlt's REST API source in TypeScript's spelling. Files may use dlt's own (`base_url`): see
 * `readRestConfig`.
 */
export interface RestConfig {
  /** Where an editor finds the JSON Schema of the file. It says nothing about what to read. */
  readonly $schema?: string
  /** Where the API is, and how to talk to it. */
  readonly client: ClientConfig
  /** Taken over by every resource that does not say otherwise. `params` and `json` are merged key by key. */
  readonly resourceDefaults?: ResourceDefaults
  /** What to read. A string is the name and the path at once. */
  readonly resources: readonly (string | ResourceConfig | RowsResourceConfig)[]
}

export interface ClientConfig {
  /** What all paths are joined to, for example `https://api.example.com/v1`. */
  readonly baseUrl: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, SecretValue>>
  /** Credentials. They go to the origin of `baseUrl` and to no other. */
  readonly auth?: AuthConfig
  /** For endpoints that name none of their own. Default `auto`: found out from the first answer. */
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
  /** Whether hosts that resolve to addresses of private networks are refused. Default false. */
  readonly blockPrivateNetworks?: boolean
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
  /** Whether a limit that the API does not announce is found by trial: some requests are refused for it. Default false. */
  readonly adaptive?: boolean
}

/** What a load does to existing rows: add, take their place all at once, or one row per primary key. */
export type WriteDispositionConfig = 'append' | 'replace' | 'merge' | DispositionConfig

/** A disposition, and of `merge` how it is done. */
export interface DispositionConfig {
  readonly disposition: 'append' | 'replace' | 'merge'
  /**
   * What a merge does about rows that are there. Default `upsert`: a row takes the place of the one with its primary key;
   * beside a merge key `delete-insert`: the part of the table goes that it names. `scd2` keeps every version of a row.
   */
  readonly strategy?: 'upsert' | 'delete-insert' | 'insert-only' | 'scd2'
  /** dlt's word that no key comes twice. Nothing is done with it: of rows that do come twice one stays all the same. */
  readonly deduplicated?: boolean
  /** What becomes of rows that a whole read no longer has: they stay (`keep`, the default), get a `_deleted_at`, or go. */
  readonly deletedRows?: 'keep' | 'mark' | 'remove'
  /** Of `scd2`: columns for the time a row was valid from and to. Default `_dlt_valid_from` and `_dlt_valid_to`. */
  readonly validityColumnNames?: readonly [from: string, to: string]
  /** Of `scd2`: what a valid row has in the second of them, ISO 8601. Default: nothing. */
  readonly activeRecordTimestamp?: string
  /** Of `scd2`: when one version ends and the next begins, ISO 8601. Default: at the commit. */
  readonly boundaryTimestamp?: string
  /** Of `scd2`: a column that is another with every change of its row. Default: all are compared. */
  readonly rowVersionColumnName?: string
}

export interface ResourceDefaults extends SchemaConfig {
  /** The table it is loaded into. Default: the resource's name. */
  readonly tableName?: string
  readonly endpoint?: EndpointConfig
  /** Columns that identify a row. */
  readonly primaryKey?: string | readonly string[]
  /** With `delete-insert` and `scd2`: columns that tell which part of the table a load is of. */
  readonly mergeKey?: string | readonly string[]
  /** Default `append`. `merge` needs a primary key, or a merge key. */
  readonly writeDisposition?: WriteDispositionConfig
  /** Whether it is loaded. One that is not is still read where a child needs it. Default true. */
  readonly selected?: boolean
  /** Fields of the parent's row that every row gets, as `_<parent>_<field>`. */
  readonly includeFromParent?: readonly string[]
  /** What every row goes through, in order. */
  readonly processingSteps?: readonly ProcessingStep[]
  /** For a child: whether several parents are read at once. Rows keep their order all the same. Default false. */
  readonly parallelized?: boolean
  /** For a child: whether parents with the same values are read once (among the last 1 000). Default false. */
  readonly uniqueParents?: boolean
}

export interface ResourceConfig extends Omit<ResourceDefaults, 'endpoint'> {
  /** Unique in the source. */
  readonly name: string
  /** A string is the path. Default: the name is the path. */
  readonly endpoint?: string | EndpointConfig
}

/** Rows that are not from the API: a list of ids, a file, another library. For children to read from, or to be loaded. */
export type RowsInput = Iterable<Row | readonly Row[]> | AsyncIterable<Row | readonly Row[]>

/** A resource of rows from code. `resourceDefaults` do not apply to it. */
export interface RowsResourceConfig
  extends Pick<
      ResourceDefaults,
      'tableName' | 'primaryKey' | 'mergeKey' | 'writeDisposition' | 'selected' | 'processingSteps'
    >,
    SchemaConfig {
  /** Unique in the source. */
  readonly name: string
  /**
   * Rows or lists of rows, or a function that gives them. A run that goes on after a crash reads them again and skips what
   * it had: they must come in the same order.
   */
  readonly rows: RowsInput | (() => RowsInput)
}

export type ParamScalar = string | number | boolean
/** A list repeats the parameter; `null` leaves it out. */
export type ParamValue = ParamScalar | readonly ParamScalar[] | null

/** Fields of a form, the same as pairs where names repeat, or text. */
export type FormConfig = Readonly<Record<string, ParamValue>> | readonly (readonly [string, ParamScalar])[] | string

export interface EndpointConfig {
  /** Joined to the client's `baseUrl`. Placeholders are encoded as one segment. Default: the resource's name. */
  readonly path?: string
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST'
  /** Query parameters. Placeholders such as `{incremental.start_value}` are filled in. */
  readonly params?: Readonly<Record<string, ParamValue | LegacyParam>>
  /** Headers of this endpoint, over the client's. Placeholders are filled in. */
  readonly headers?: Readonly<Record<string, string>>
  /** Body, sent as JSON. A string that is exactly one placeholder takes the value with its type. `null`: none. */
  readonly json?: JsonValue
  /** Body, sent as a form, or as it stands where it is text. In place of `json`. Placeholders are filled in. `null`: none. */
  readonly data?: FormConfig | null
  /** Whether asking twice does nothing twice, so that a lost connection may be tried again. Default true: it reads. */
  readonly idempotent?: boolean
  /** In place of the client's; for this endpoint only. `null` sends no credentials. */
  readonly auth?: AuthConfig | null
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
  /** What to do about certain answers. The first rule that holds decides. */
  readonly responseActions?: readonly ResponseActionConfig[]
  /** How the body is to be read. Default: by its content type, JSON where that says nothing. */
  readonly responseFormat?: 'json' | 'ndjson' | 'csv'
}
