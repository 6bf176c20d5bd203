import type { ConfigPath } from './respell.ts'
import type { EndpointConfig, RestConfig } from './rest-config.ts'

/**
 * Gives what stands in the endpoint of a resource its place in the configuration: in the resource, in the defaults, or, where
 * it was given in an older form, in the parameter. What stands in neither is about the endpoint as a whole.
 */
export function placeInConfig(
  { resources, resourceDefaults }: RestConfig,
  index: number,
): (at: ConfigPath) => ConfigPath {
  const resource = resources[index]
  const own = typeof resource === 'object' && 'endpoint' in resource ? resource.endpoint : undefined
  const endpoints: readonly (readonly [ConfigPath, unknown])[] = [
    [['resources', index, 'endpoint'], own],
    [['resourceDefaults', 'endpoint'], resourceDefaults?.endpoint],
  ]

  return (at) => {
    for (const place of [at, ...inParams(at, own), ...inParams(at, resourceDefaults?.endpoint)]) {
      for (const [path, endpoint] of endpoints) if (leadsSomewhere(endpoint, place)) return [...path, ...place]
    }
    return own === undefined ? ['resources', index] : ['resources', index, 'endpoint']
  }
}

/** The places that a key of `incremental` may have come from where it is dlt's older form. */
function inParams([key, ...rest]: ConfigPath, endpoint: string | EndpointConfig | undefined): ConfigPath[] {
  if (key !== 'incremental' || typeof endpoint !== 'object') return []
  return Object.keys(endpoint.params ?? {}).map((name) => ['params', name, ...rest])
}

function leadsSomewhere(value: unknown, path: ConfigPath): boolean {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false
    at = (at as Record<PropertyKey, unknown>)[key]
  }
  return true
}
