import { isJsonObject } from '@millrace/core'
import type { Disposition, MergeHints, SchemaHints } from '@millrace/pipeline'
import { namesOneEntity } from '../select/names-one-entity.ts'
import { type ModernEndpoint, modernEndpoint } from './legacy-params.ts'
import { mergeSettings } from './merge-settings.ts'
import type { ProcessingStep } from './processing-step.ts'
import type { EndpointConfig, ResourceConfig, ResourceDefaults, RestConfig, RowsResourceConfig } from './rest-config.ts'
import { type SchemaProblem, schemaSettings } from './schema-settings.ts'

interface MergedBase {
  readonly name: string
  readonly tableName: string | undefined
  readonly primaryKey: readonly string[]
  readonly disposition: Disposition
  /** How rows are merged; undefined where it does not say. */
  readonly merge: MergeHints | undefined
  /** Columns that its table is partitioned by; empty where it does not say. */
  readonly partitionBy: readonly string[]
  readonly selected: boolean
  readonly processingSteps: readonly ProcessingStep[]
  /** What it says of its columns; undefined where nothing. */
  readonly schema: SchemaHints | undefined
  /** What is wrong about that. */
  readonly schemaProblems: readonly SchemaProblem[]
}

/** A resource of the API with the defaults in it, and every short and older form written out. */
export interface MergedResource extends MergedBase {
  readonly endpoint: ModernEndpoint
  readonly includeFromParent: readonly string[]
  readonly parallelized: boolean
  readonly uniqueParents: boolean
}

/** A resource of rows from code. */
export interface MergedRows extends MergedBase {
  readonly rows: RowsResourceConfig['rows']
}

export type Merged = MergedResource | MergedRows

/**
 * A resource over the defaults, as dlt does it: what the resource says takes the place of the default as a whole, except
 * `params`, `json`, `headers` and `columns`, which are merged key by key. A path that names one entity has one page and one row
 * unless one of the two says otherwise, whatever the client's paginator is.
 *
 * @throws {EndpointProblem} where older forms of dlt's contradict each other.
 */
export function mergeDefaults(given: RestConfig['resources'][number], defaults: ResourceDefaults = {}): Merged {
  if (typeof given === 'object' && 'rows' in given) return { ...mergedBase(given, {}), rows: given.rows }
  const own: ResourceConfig = typeof given === 'string' ? { name: given } : given
  const { includeFromParent = [], parallelized = false, uniqueParents = false } = { ...defaults, ...own }
  const ownEndpoint: EndpointConfig = typeof own.endpoint === 'string' ? { path: own.endpoint } : (own.endpoint ?? {})
  const base = defaults.endpoint ?? {}
  const json = mergeObjects(base.json, ownEndpoint.json)
  const params = mergeObjects(base.params, ownEndpoint.params)
  const headers = mergeHeaders(base.headers, ownEndpoint.headers)
  const endpoint = modernEndpoint({
    ...base,
    ...ownEndpoint,
    path: ownEndpoint.path ?? base.path ?? own.name,
    ...(params !== undefined && { params }),
    ...(json !== undefined && { json }),
    ...(headers !== undefined && { headers }),
  })
  return {
    ...mergedBase(own, defaults),
    endpoint: { ...(namesOneEntity(endpoint.path) && oneEntity), ...endpoint },
    includeFromParent,
    parallelized,
    uniqueParents,
  }
}

const oneEntity = { paginator: 'single_page', dataSelector: '$' } as const

function mergedBase(own: ResourceConfig | RowsResourceConfig, defaults: ResourceDefaults): MergedBase {
  const { tableName, selected = true } = { ...defaults, ...own }
  const settings = schemaSettings(own, defaults)
  const { disposition, primaryKey, merge, problems } = mergeSettings(own, defaults, settings)
  return {
    name: own.name,
    tableName,
    primaryKey,
    disposition,
    merge,
    partitionBy: settings.hints.partition,
    selected,
    processingSteps: own.processingSteps ?? defaults.processingSteps ?? [],
    schema: settings.schema,
    schemaProblems: [...settings.problems, ...problems],
  }
}

/** Key by key where both are objects, else the second where there is one. */
function mergeObjects<T>(base: T | undefined, over: T | undefined): T | undefined {
  if (over === undefined || base === undefined) return over === undefined ? base : over
  return isJsonObject(base) && isJsonObject(over) ? { ...base, ...over } : over
}

/** Names of headers are the same in any case. */
function mergeHeaders(base: EndpointConfig['headers'], over: EndpointConfig['headers']): EndpointConfig['headers'] {
  if (base === undefined || over === undefined) return over ?? base
  const names = new Set(Object.keys(over).map((name) => name.toLowerCase()))
  return { ...Object.fromEntries(Object.entries(base).filter(([name]) => !names.has(name.toLowerCase()))), ...over }
}
