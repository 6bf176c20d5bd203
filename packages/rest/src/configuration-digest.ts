import { createHash } from 'node:crypto'
import { Secret } from '@millrace/core'
import { credentialName } from './credential-name.ts'
import type { MergedResource } from './merge-defaults.ts'
import type { ClientConfig } from './rest-config.ts'
import { stableJson } from './stable-json.ts'

/**
 * A digest of all that decides which rows a resource reads, and of nothing else: retries, pace and credentials may change
 * without an unfinished run being thrown away.
 */
export function configurationDigest(client: ClientConfig, resource: MergedResource): string {
  const { retry: _, ...endpoint } = resource.endpoint
  const parts = {
    baseUrl: client.baseUrl,
    clientHeaders: withoutCredentials(client.headers),
    clientPaginator: endpoint.paginator ? undefined : client.paginator,
    endpoint: {
      ...endpoint,
      params: withoutCredentials(endpoint.params),
      headers: withoutCredentials(endpoint.headers),
    },
  }
  return createHash('sha256').update(stableJson(parts)).digest('hex')
}

/** A new key reads the same rows. */
function withoutCredentials(values: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const kept = Object.entries(values ?? {}).filter(
    ([name, value]) => !credentialName.test(name) && !(value instanceof Secret),
  )
  return Object.fromEntries(kept)
}
