import { setMaxListeners } from 'node:events'
import { type Clock, type Emit, type Page, type Secret, silent } from '@millrace/core'
import type { Authenticator, HttpClient } from '@millrace/http'
import type { ReadContext, ReadGroup } from '@millrace/pipeline'
import type { AuthConfig } from './config/auth-config.ts'
import type { MergedResource } from './config/merge-defaults.ts'
import type { ClientConfig } from './config/rest-config.ts'
import { createIncremental } from './incremental/create-incremental.ts'
import { watermarkToJson } from './incremental/watermark-json.ts'
import { createSharedPages, type ReadPages, type SharedPages, type Standpoint } from './parents/shared-pages.ts'
import { beginRead, type PositionRules, type Stored } from './reading/read-position.ts'
import { readResource } from './reading/read-resource.ts'
import { readRows } from './reading/read-rows.ts'
import { createJudge } from './reading/response-rules.ts'
import { createAuth } from './request/create-auth.ts'
import { clientFactory, toHttpRetry } from './request/create-client.ts'
import { createPaginator } from './request/create-paginator.ts'
import { linkCredentials, secretsOfUrl } from './request/link-credentials.ts'
import { createScrub, scrubbedEmit } from './request/scrub.ts'
import { type ResourceNode, readersOf } from './resource-graph.ts'
import { compileSelector } from './select/selector.ts'
import { stableJson } from './stable-json.ts'

export interface OpenResourceOptions {
  readonly secrets?: readonly Secret[] | undefined
  readonly clock?: Clock | undefined
  /** Numbers in [0, 1) for the jitter of retries. */
  readonly random?: (() => number) | undefined
}

/**
 * Reads a resource from where earlier reads of it stand.
 *
 * @param isForItself - The stream of the resource reads it, and not a child: what happens on the way is told to it.
 */
export type OpenResource = (
  node: ResourceNode,
  stored: Stored,
  context: ReadContext,
  isForItself?: boolean,
) => ReadPages

/** A resource that is read once for several readers. */
interface SharedResource {
  readonly pages: SharedPages
  /** Of its own stream, where that is among the readers. */
  ownEmit: Emit | undefined
}

/**
 * Makes the function that reads resources: by themselves, or for several readers at once where the streams of a group are
 * read together.
 */
export function createOpenResource(
  client: ClientConfig,
  nodes: ReadonlyMap<string, ResourceNode>,
  { secrets: given = [], clock, random }: OpenResourceOptions,
): OpenResource {
  const { blockPrivateNetworks = false } = client
  const timing = { ...(clock && { clock }), ...(random && { random }) }
  const authFor = (auth: AuthConfig): Authenticator =>
    createAuth(auth, { baseUrl: client.baseUrl, blockPrivateNetworks, ...timing })
  const clientAuth = client.auth && authFor(client.auth)
  const secrets = [...given, ...secretsOfUrl(client.baseUrl)]
  const openClient = clientFactory(client, timing)
  const shared = new WeakMap<ReadGroup, Map<ResourceNode, SharedResource>>()
  const authOf = new Map<ResourceNode, Authenticator | undefined>()
  for (const node of nodes.values()) {
    const own = 'rows' in node.merged ? undefined : node.merged.endpoint.auth
    authOf.set(node, own === undefined ? clientAuth : own === null ? undefined : authFor(own))
  }

  /** Of all resources, because an API may repeat to one what another sent. Read anew each time: tokens change. */
  const allSecrets = (): Secret[] => [
    ...secrets,
    ...[...new Set(authOf.values())].flatMap((auth) => auth?.secrets ?? []),
  ]

  async function* alone(node: ResourceNode, stored: Stored, given: ReadContext): AsyncGenerator<Page, void, undefined> {
    const { merged, parent, configuration } = node
    if ('rows' in merged) return yield* readRows(merged, stored, given, configuration)
    // Each of several requests at once listens to it.
    setMaxListeners(0, given.signal, ...(given.stop ? [given.stop] : []))
    const auth = authOf.get(node)
    const scrub = createScrub(allSecrets)
    const context: ReadContext = { ...given, emit: scrubbedEmit(given.emit, scrub) }
    const http: HttpClient = openClient(context.emit, auth, allSecrets())
    try {
      yield* readResource(
        merged,
        {
          ...settingsOf(merged, client),
          client: http,
          links: linkCredentials(client, auth, secrets),
          rules: rulesOf(node, context.emit),
          stop: given.stop,
          parent: parent && {
            link: parent.link,
            isLimited: parent.node.isLimited,
            open: (begin) => open(parent.node, begin, given),
          },
        },
        stored,
        context,
      )
    } catch (thrown) {
      throw scrub.error(thrown)
    } finally {
      await http.close()
    }
  }

  function open(node: ResourceNode, stored: Stored, context: ReadContext, isForItself = false): ReadPages {
    const { group, signal, stop = signal } = context
    const readers = group ? readersOf(node, nodes, group.names) : 1
    if (!group || readers < 2) return alone(node, stored, context)
    const ofGroup = shared.get(group) ?? new Map<ResourceNode, SharedResource>()
    shared.set(group, ofGroup)
    const resource = ofGroup.get(node) ?? { pages: createSharedPages(readers), ownEmit: undefined }
    ofGroup.set(node, resource)
    if (isForItself) resource.ownEmit = context.emit
    // Whoever leads: that the resource is incomplete, or was found to be this or that, concerns its own stream.
    const emit: Emit = (event) => (resource.ownEmit ?? context.emit)(event)
    return resource.pages.read({
      begin: standpointOf(stored, rulesOf(node, silent)),
      open: () => alone(node, stored, { ...context, emit }),
      after: ({ position }) => ({ page: Number(position['page']), state: stableJson(position) }),
      signal,
      stop,
    })
  }

  return open
}

function rulesOf({ merged, parent, configuration }: ResourceNode, emit: Emit): PositionRules {
  const { name: stream, primaryKey, disposition } = merged
  const config = 'rows' in merged ? undefined : merged.endpoint.incremental
  return {
    incremental: config ? createIncremental(config, { stream, primaryKey, disposition, emit }) : undefined,
    configuration,
    isChild: parent !== undefined,
  }
}

function standpointOf(stored: Stored, rules: PositionRules): Standpoint {
  const { goesOn, at, parent } = beginRead(stored, rules)
  return goesOn
    ? { page: Number(goesOn['page']), state: stableJson(goesOn) }
    : { page: 0, state: stableJson([at.watermark && watermarkToJson(at.watermark), parent]) }
}

/** What the configuration says about every request of a resource. */
function settingsOf(resource: MergedResource, client: ClientConfig) {
  const { paginator, dataSelector, onMissingSelector, responseFormat, idempotent, retry, responseActions } =
    resource.endpoint
  return {
    configured: createPaginator(paginator ?? client.paginator),
    selector: typeof dataSelector === 'string' ? compileSelector(dataSelector) : undefined,
    onMissing: onMissingSelector ?? ('fail' as const),
    format: responseFormat,
    // Reading the same page twice changes nothing, whatever the method.
    isIdempotent: idempotent ?? true,
    retry: retry && toHttpRetry(retry),
    judge: responseActions?.length ? createJudge(responseActions) : undefined,
  }
}
