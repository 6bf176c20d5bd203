import type { Row } from '@millrace/core'
import type { DeletedRows, MergeStrategy } from '@millrace/pipeline'
import { z } from 'zod'
import type { ProcessingStep } from '../processing-step.ts'
import type {
  ClientConfig,
  DispositionConfig,
  RateLimitConfig,
  ResourceConfig,
  ResourceDefaults,
  RestConfig,
  RowsInput,
  RowsResourceConfig,
  WriteDispositionConfig,
} from '../rest-config.ts'
import { auth } from './auth-schema.ts'
import { column, columnKeysNotYet, schemaShape, standardSchema } from './columns-schema.ts'
import { endpoint, retry } from './endpoint-schema.ts'
import { code, type Fields, httpUrl, name, secretValue, template, timerSeconds, wholeFrom } from './fields.ts'
import { incremental, incrementalParam } from './incremental-schema.ts'
import { paginator } from './paginator-schema.ts'

const rateLimit = z.strictObject({
  requests: z.number().positive().exactOptional(),
  perSeconds: timerSeconds.exactOptional(),
  maxConcurrency: wholeFrom(1).exactOptional(),
  adaptive: z.boolean().exactOptional(),
} satisfies Fields<RateLimitConfig>)

const client = z.strictObject({
  baseUrl: httpUrl,
  headers: z.record(z.string(), secretValue).exactOptional(),
  auth: auth.exactOptional(),
  paginator: paginator.exactOptional(),
  retry: retry.exactOptional(),
  timeout: timerSeconds.exactOptional(),
  totalTimeout: timerSeconds.exactOptional(),
  rateLimit: rateLimit.exactOptional(),
  allowedHosts: z.array(name).exactOptional(),
  blockPrivateNetworks: z.boolean().exactOptional(),
} satisfies Fields<ClientConfig>)

const processingStep = z.union([
  z.strictObject({ filter: code<(row: Row) => boolean | Promise<boolean>>() }),
  z.strictObject({ map: code<(row: Row) => Row | Promise<Row>>() }),
  z.strictObject({ yieldMap: code<Extract<ProcessingStep, { yieldMap: unknown }>['yieldMap']>() }),
  z.strictObject({ validate: standardSchema, onInvalid: z.enum(['fail', 'discard']).exactOptional() }),
]) satisfies z.ZodType<ProcessingStep>

const disposition = z.enum(['append', 'replace', 'merge'])
const dispositionObject = z.strictObject({
  disposition,
  strategy: z.enum(['upsert', 'delete-insert', 'insert-only', 'scd2'] satisfies MergeStrategy[]).exactOptional(),
  deduplicated: z.boolean().exactOptional(),
  deletedRows: z.enum(['keep', 'mark', 'remove'] satisfies DeletedRows[]).exactOptional(),
  validityColumnNames: z.tuple([name, name]).exactOptional(),
  activeRecordTimestamp: z.string().exactOptional(),
  boundaryTimestamp: z.string().exactOptional(),
  rowVersionColumnName: name.exactOptional(),
} satisfies Fields<DispositionConfig>)
const writeDisposition = z.union([disposition, dispositionObject]) satisfies z.ZodType<WriteDispositionConfig>
const primaryKey = z.union([name, z.array(name).min(1)])

const resourceDefaults = z.strictObject({
  tableName: name.exactOptional(),
  endpoint: endpoint.exactOptional(),
  primaryKey: primaryKey.exactOptional(),
  mergeKey: primaryKey.exactOptional(),
  writeDisposition: writeDisposition.exactOptional(),
  selected: z.boolean().exactOptional(),
  includeFromParent: z.array(name).exactOptional(),
  processingSteps: z.array(processingStep).exactOptional(),
  parallelized: z.boolean().exactOptional(),
  uniqueParents: z.boolean().exactOptional(),
  ...schemaShape,
} satisfies Fields<ResourceDefaults>)

const resource = z.strictObject({
  ...resourceDefaults.shape,
  name,
  endpoint: z.union([template, endpoint]).exactOptional(),
} satisfies Fields<ResourceConfig>)

const rowsInput = z.custom<RowsInput | (() => RowsInput)>(
  (value) =>
    typeof value === 'function' ||
    (typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)),
  { error: 'expected an iterable of rows, or a function that gives one' },
)

const { tableName, selected, processingSteps } = resourceDefaults.shape
const rowsResource = z.strictObject({
  name,
  rows: rowsInput,
  tableName,
  primaryKey: primaryKey.exactOptional(),
  mergeKey: primaryKey.exactOptional(),
  writeDisposition: writeDisposition.exactOptional(),
  selected,
  processingSteps,
  ...schemaShape,
} satisfies Fields<RowsResourceConfig>)

export const configSchema: z.ZodType<RestConfig> = z.strictObject({
  $schema: z.string().exactOptional(),
  client,
  resourceDefaults: resourceDefaults.exactOptional(),
  resources: z.array(z.union([name, rowsResource, resource])).min(1),
} satisfies Fields<RestConfig>) as unknown as z.ZodType<RestConfig>

const resourceKeysNotYet = ['tableFormat', 'fileFormat', 'references', 'parentTableName', 'nestedHints']

/** Keys that belong to the language of the configuration and that this version does not know what to do with. */
export const keysNotYet: ReadonlyMap<z.ZodType, readonly string[]> = new Map<z.ZodType, readonly string[]>([
  [client, ['session']],
  [resource, resourceKeysNotYet],
  [rowsResource, resourceKeysNotYet],
  [resourceDefaults, resourceKeysNotYet],
  [column, columnKeysNotYet],
  [incremental, ['allowExternalSchedulers']],
  [incrementalParam, ['allowExternalSchedulers']],
])
