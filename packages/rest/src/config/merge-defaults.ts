import type { Disposition } from '@millrace/pipeline'
import { namesOneEntity } from '../select/names-one-entity.ts'
import type { EndpointConfig, ResourceConfig, ResourceDefaults } from './rest-config.ts'

/** A resource with the defaults in it, and every short form written out. */
export interface MergedResource {
  readonly name: string
  readonly tableName: string | undefined
  readonly endpoint: EndpointConfig & { readonly path: string }
  readonly primaryKey: readonly string[]
  readonly disposition: Disposition
  readonly selected: boolean
}

/**
 * A resource over the defaults, as dlt does it: what the resource says takes the place of the default as a whole, except
 * `params` and `json`, which are merged key by key. A path that names one entity has one page and one row unless one of
 * the two says otherwise, whatever the client's paginator is.
 */
export function mergeDefaults(given: string | ResourceConfig, defaults: ResourceDefaults = {}): MergedResource {
  const own: ResourceConfig = typeof given === 'string' ? { name: given } : given
  const resource = { ...defaults, ...own }
  const ownEndpoint: EndpointConfig = typeof own.endpoint === 'string' ? { path: own.endpoint } : (own.endpoint ?? {})
  const base = defaults.endpoint ?? {}
  const json = mergeObjects(base.json, ownEndpoint.json)
  const params = mergeObjects(base.params, ownEndpoint.params) as EndpointConfig['params']
  const path = ownEndpoint.path ?? base.path ?? own.name
  const { primaryKey = [], writeDisposition = 'append', selected = true } = resource
  return {
    name: own.name,
    tableName: resource.tableName,
    endpoint: {
      ...(namesOneEntity(path) && oneEntity),
      ...base,
      ...ownEndpoint,
      path,
      ...(params !== undefined && { params }),
      ...(json !== undefined && { json }),
    },
    primaryKey: typeof primaryKey === 'string' ? [primaryKey] : primaryKey,
    disposition: typeof writeDisposition === 'string' ? writeDisposition : writeDisposition.disposition,
    selected,
  }
}

const oneEntity = { paginator: 'single_page', dataSelector: '$' } as const

/** Key by key where both are objects, else the second where there is one. */
function mergeObjects<T>(base: T | undefined, over: T | undefined): T | undefined {
  if (over === undefined || base === undefined) return over === undefined ? base : over
  return isObject(base) && isObject(over) ? { ...base, ...over } : over
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
