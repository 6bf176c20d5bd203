import { configurationDigest } from './config/configuration-digest.ts'
import type { Merged } from './config/merge-defaults.ts'
import type { ClientConfig } from './config/rest-config.ts'
import { type ParentLink, parentLinkOf } from './parents/parent-link.ts'

/** A resource among the others. */
export interface ResourceNode {
  readonly merged: Merged
  /** Missing where it is no child. */
  readonly parent: { readonly node: ResourceNode; readonly link: ParentLink } | undefined
  /** A digest of all that decides which rows it reads. */
  readonly configuration: string
  /** Whether its pages, or those of a resource it reads from, may end before their end: `max_pages`. */
  readonly isLimited: boolean
}

/** All resources by name, each with the one it reads from. */
export function resourceGraph(resources: readonly Merged[], client: ClientConfig): ReadonlyMap<string, ResourceNode> {
  const nodes = new Map<string, ResourceNode>()

  function nodeOf(merged: Merged): ResourceNode {
    const known = nodes.get(merged.name)
    if (known) return known
    const link = 'rows' in merged ? undefined : parentLinkOf(merged)
    const parentResource = resources.find(({ name }) => name === link?.parent)
    const parent = link && parentResource && { node: nodeOf(parentResource), link }
    const node: ResourceNode = {
      merged,
      parent,
      configuration: configurationDigest(client, merged, parent?.node.configuration),
      isLimited: hasMaxPages(merged, client) || parent?.node.isLimited === true,
    }
    nodes.set(merged.name, node)
    return node
  }

  return new Map(resources.map((merged) => [merged.name, nodeOf(merged)]))
}

function hasMaxPages(merged: Merged, client: ClientConfig): boolean {
  const paginator = 'rows' in merged ? undefined : (merged.endpoint.paginator ?? client.paginator)
  return typeof paginator === 'object' && 'maxPages' in paginator
}

/** The resource at the top of those that a resource reads from: itself where it is no child. */
export function rootOf(node: ResourceNode): ResourceNode {
  return node.parent ? rootOf(node.parent.node) : node
}

/**
 * How many read the pages of a resource where streams are read together: its own stream, and each child that is read
 * itself or that something is read from.
 */
export function readersOf(
  node: ResourceNode,
  nodes: ReadonlyMap<string, ResourceNode>,
  names: readonly string[],
): number {
  const all = [...nodes.values()]
  const isRead = (each: ResourceNode): boolean =>
    (each.merged.selected && names.includes(each.merged.name)) || childrenOf(each).some(isRead)
  const childrenOf = (of: ResourceNode): ResourceNode[] => all.filter(({ parent }) => parent?.node === of)
  const own = node.merged.selected && names.includes(node.merged.name) ? 1 : 0
  return own + childrenOf(node).filter(isRead).length
}
