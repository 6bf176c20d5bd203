import type { Position } from '@millrace/core'
import type { ClientConfig } from '../config/rest-config.ts'
import type { ResourceNode } from '../resource-graph.ts'
import { isFinishedRead } from './read-position.ts'

/**
 * Whether a read that starts with a committed position has all rows of a resource when it comes to its end: it does not go on
 * in the middle, and neither it nor what it reads from is incremental, ends at a limit that is taken for the end, or leaves
 * rows out that do not fit a schema.
 */
export function readsAll(node: ResourceNode, client: ClientConfig, committed: Position | undefined): boolean {
  const goesOn =
    committed !== undefined && committed['configuration'] === node.configuration && !isFinishedRead(committed)
  return !goesOn && leavesNothingOut(node, client)
}

function leavesNothingOut({ merged, parent }: ResourceNode, client: ClientConfig): boolean {
  if (merged.processingSteps.some((step) => 'validate' in step && step.onInvalid === 'discard')) return false
  if ('rows' in merged) return true
  const { incremental, paginator = client.paginator } = merged.endpoint
  const isLimited = typeof paginator === 'object' && paginator !== null && limits.some((limit) => limit in paginator)
  return !incremental && !isLimited && (!parent || leavesNothingOut(parent.node, client))
}

const limits = ['maximumOffset', 'maximumPage']
