import type { Clock, Secret } from '@millrace/core'
import type { Source, Stream } from '@millrace/pipeline'
import { mergeDefaults } from './config/merge-defaults.ts'
import { readRestConfig } from './config/read-rest-config.ts'
import type { RestConfig } from './config/rest-config.ts'
import { describeResource } from './describe-resource.ts'
import { createOpenResource } from './open-resource.ts'
import { isFinishedRead } from './reading/read-position.ts'
import { readsAll } from './reading/reads-all.ts'
import { type ResourceNode, resourceGraph, rootOf } from './resource-graph.ts'

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
 * Resources that read from each other are read together: what a parent answers is fetched once for all of them.
 *
 * Shape:  each stream reads as `AsyncIterable<Page>`.
 * Order:  the API's; a child's rows come in the order of its parent's.
 * Memory: one page for each resource that is being read; for `parallelized` children one for each parent read for.
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
  const nodes = resourceGraph(
    resources.map((resource) => mergeDefaults(resource, resourceDefaults)),
    client,
  )
  const open = createOpenResource(client, nodes, options)
  const all = [...nodes.values()]

  function toStream(node: ResourceNode): Stream {
    const { merged, parent, configuration } = node
    const { name, tableName, primaryKey, disposition, merge, partitionBy, schema } = merged
    const hasFamily = parent !== undefined || all.some((other) => other.parent?.node === node)
    return Object.freeze({
      name,
      disposition,
      configuration,
      details: describeResource(node, client),
      ...(tableName !== undefined && { table: tableName }),
      ...(primaryKey.length > 0 && { primaryKey }),
      ...(merge && { merge }),
      ...(partitionBy.length > 0 && { partitionBy }),
      ...(schema && { schema }),
      ...(hasFamily && { group: rootOf(node).merged.name }),
      read: (context) => open(node, context, context, true),
      isFinished: isFinishedRead,
      readsAll: (committed) => readsAll(node, client, committed),
    } satisfies Stream)
  }

  const streams = Object.freeze(all.filter(({ merged }) => merged.selected).map(toStream))
  return Object.freeze({ name: options.name ?? new URL(client.baseUrl).hostname, streams: () => streams })
}
