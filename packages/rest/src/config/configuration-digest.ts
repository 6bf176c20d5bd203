import { createHash } from 'node:crypto'
import { Secret } from '@millrace/core'
import { stableJson } from '../stable-json.ts'
import type { Merged } from './merge-defaults.ts'
import type { PaginatorConfig } from './paginator-config.ts'
import type { ClientConfig } from './rest-config.ts'

/**
 * Names of headers and parameters whose values are credentials: a new key reads the same rows. Whole names only, because
 * `author` and `sort_key` decide which rows come.
 */
const credential =
  /^(x-)?(api[-_]?key|(access|auth|session)[-_]?token|token|key|(client[-_]?)?secret|password|pwd|authorization|cookie)$/i

/**
 * A digest of all that decides which rows a resource reads, and of nothing else: retries, limits and credentials may change
 * without an unfinished run being thrown away. Functions count by their source text.
 *
 * @param parent - The digest of the parent.
 */
export function configurationDigest(client: ClientConfig, resource: Merged, parent?: string): string {
  if ('rows' in resource) return digest({ rows: resource.rows, processingSteps: resource.processingSteps })
  const { processingSteps, includeFromParent, uniqueParents } = resource
  const { retry: _retry, auth: _auth, idempotent: _idempotent, ...endpoint } = resource.endpoint
  return digest({
    ...(parent !== undefined && { parent, includeFromParent, uniqueParents }),
    processingSteps,
    baseUrl: client.baseUrl,
    clientHeaders: withoutCredentials(client.headers),
    endpoint: {
      ...endpoint,
      paginator: withoutLimit(endpoint.paginator ?? client.paginator),
      params: withoutCredentials(endpoint.params),
      headers: withoutCredentials(endpoint.headers),
    },
  })
}

function digest(parts: object): string {
  return createHash('sha256').update(stableJson(parts)).digest('hex')
}

/** How many pages one run reads says nothing about which pages there are. */
function withoutLimit(paginator: PaginatorConfig | undefined): unknown {
  if (typeof paginator !== 'object') return paginator
  const { maxPages: _, ...rest } = { maxPages: undefined, ...paginator }
  return rest
}

function withoutCredentials(values: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const kept = Object.entries(values ?? {}).filter(
    ([name, value]) => !credential.test(name) && !(value instanceof Secret),
  )
  return Object.fromEntries(kept)
}
