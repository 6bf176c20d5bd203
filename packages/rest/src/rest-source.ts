import type { Clock, Page, Secret } from '@millrace/core'
import type { ReadContext, Source, Stream } from '@millrace/pipeline'
import { configurationDigest } from './config/configuration-digest.ts'
import { type MergedResource, mergeDefaults } from './config/merge-defaults.ts'
import { readRestConfig } from './config/read-rest-config.ts'
import type { RestConfig } from './config/rest-config.ts'
import { readResource } from './read-resource.ts'
import { clientFactory, createAuth } from './request/create-client.ts'
import { createPaginator } from './request/create-paginator.ts'
import { linkCredentials } from './request/link-credentials.ts'

export interface RestSourceOptions {
  /** Default: the host of the base URL. */
  readonly name?: string
  /** What else is secret in the configuration, besides its credentials: found nowhere in messages, events and positions. */
  readonly secrets?: readonly Secret[]
  /** Times retries and pauses. */
  readonly clock?: Clock
  /** Numbers in [0, 1) for the jitter of retries. */
  readonly random?: () => number
}

/**
 * A source from a description of a REST API: one stream per resource, each read page by page.
 *
 * Shape:  each stream reads as `AsyncIterable<Page>`.
 * Order:  the API's.
 * Memory: one page per stream that is being read.
 * Pulls:  lazy; connects with the first `next()`, requests one page at a time, and closes its connections at the end.
 *
 * @throws {ConfigError} `E_CONFIG`, with all problems at once.
 * @example
 * const source = restSource({
 *   client: { baseUrl: 'https://api.example.com/v1', auth: { type: 'bearer', token: env('API_TOKEN') } },
 *   resources: [{ name: 'events', endpoint: { paginator: 'offset', dataSelector: 'data' } }],
 * })
 */
export function restSource(config: RestConfig, options: RestSourceOptions = {}): Source {
  const { client, resources, resourceDefaults } = readRestConfig(config)
  const { clock, random, secrets = [] } = options
  const auth = client.auth && createAuth(client.auth)
  const openClient = clientFactory(client, {
    ...(auth && { auth }),
    secrets,
    ...(clock && { clock }),
    ...(random && { random }),
  })
  const links = linkCredentials(client, auth, secrets)

  function toStream(resource: MergedResource): Stream {
    const { name, tableName, primaryKey, disposition, endpoint } = resource
    const paginator = createPaginator(endpoint.paginator ?? client.paginator)
    const configuration = configurationDigest(client, resource)
    async function* read(context: ReadContext): AsyncGenerator<Page, void, undefined> {
      const http = openClient(context.emit)
      try {
        yield* readResource(resource, paginator, { client: http, links }, context, configuration)
      } finally {
        await http.close()
      }
    }
    return Object.freeze({
      name,
      disposition,
      configuration,
      ...(tableName !== undefined && { table: tableName }),
      ...(primaryKey.length > 0 && { primaryKey }),
      read,
    })
  }

  const streams = Object.freeze(
    resources
      .map((resource) => mergeDefaults(resource, resourceDefaults))
      .filter(({ selected }) => selected)
      .map(toStream),
  )
  return Object.freeze({ name: options.name ?? new URL(client.baseUrl).hostname, streams: () => streams })
}
