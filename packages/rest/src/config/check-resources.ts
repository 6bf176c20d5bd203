import { nearest } from '@millrace/core'
import { incrementalProblems } from '../incremental/incremental-problems.ts'
import { type ParentLink, parentLinkOf, placeholdersOfEndpoint } from '../parents/parent-link.ts'
import { createAuth } from '../request/create-auth.ts'
import { type Merged, mergeDefaults } from './merge-defaults.ts'
import type { ConfigPath } from './respell.ts'
import type { RestConfig } from './rest-config.ts'

type Problem = readonly [ConfigPath, string]

/** What is wrong only in the light of something else in the configuration. */
export function checkResources(config: RestConfig): Problem[] {
  const { client, resources, resourceDefaults } = config
  const found: Problem[] = []
  const attempt = <T>(path: ConfigPath, work: () => T): T | undefined => {
    try {
      return work()
    } catch (thrown) {
      found.push([path, (thrown as Error).message])
      return undefined
    }
  }

  if (client.auth) attempt(['client', 'auth'], () => client.auth && createAuth(client.auth, client))
  const links = new Map<string, ParentLink>()
  const names = new Set<string>()
  for (const [index, resource] of resources.entries()) {
    const path: ConfigPath = ['resources', index]
    const name = typeof resource === 'string' ? resource : resource.name
    if (names.has(name)) {
      found.push([
        typeof resource === 'string' ? path : [...path, 'name'],
        `there are two resources with the name "${name}"`,
      ])
    }
    names.add(name)
    const merged = attempt([...path, 'endpoint'], () => mergeDefaults(resource, resourceDefaults))
    if (merged === undefined) continue
    if (merged.disposition === 'merge' && merged.primaryKey.length === 0) {
      found.push([[...path, 'primaryKey'], 'is missing: merge keeps one row per primary key'])
    }
    if ('rows' in merged) continue
    const { endpoint } = merged
    if (endpoint.auth) attempt([...path, 'endpoint', 'auth'], () => endpoint.auth && createAuth(endpoint.auth, client))
    found.push(...(attempt([...path, 'endpoint'], () => endpointProblems(merged, [...path, 'endpoint'])) ?? []))
    const link = attempt([...path, 'endpoint'], () => parentLinkOf(merged))
    if (link) links.set(name, link)
    else if (merged.includeFromParent.length > 0 && typeof resource === 'object' && 'includeFromParent' in resource) {
      found.push([[...path, 'includeFromParent'], 'there is no parent: no placeholder {resources.…} in the endpoint'])
    }
  }
  for (const [index, resource] of resources.entries()) {
    const name = typeof resource === 'string' ? resource : resource.name
    const link = links.get(name)
    const path: ConfigPath = ['resources', index, 'endpoint']
    if (link && !names.has(link.parent)) found.push([path, unknownParent(link.parent, [...names])])
    const cycle = link && cycleFrom(name, links)
    if (cycle) found.push([path, `the resources read from each other in a circle: ${cycle.join(' → ')}`])
  }
  return found
}

function endpointProblems({ endpoint }: Extract<Merged, { endpoint: unknown }>, path: ConfigPath): Problem[] {
  const { incremental, json, data } = endpoint
  const problems: Problem[] = []
  if (json !== undefined && json !== null && data !== undefined) {
    problems.push([[...path, 'data'], 'a request has one body: json or data'])
  }
  for (const [key, message] of incremental ? incrementalProblems(incremental) : []) {
    problems.push([[...path, 'incremental', key], message])
  }
  const placeholders = placeholdersOfEndpoint(endpoint).filter((each) => each.context === 'incremental')
  if (placeholders.length > 0 && !incremental) {
    problems.push([path, 'has a placeholder {incremental.…} and no incremental'])
  } else if (incremental) {
    const inPath = placeholders.filter(({ key }) => key === 'path')
    if (inPath.length > 0 && incremental.initialValue === undefined) {
      problems.push([[...path, 'path'], 'has a placeholder that is empty in the first run: set initial_value'])
    }
  }
  return problems
}

function unknownParent(parent: string, names: readonly string[]): string {
  const meant = nearest(parent, names)
  const help = meant === undefined ? `there are ${names.join(', ')}` : `did you mean "${meant}"?`
  return `reads from "${parent}", and there is no such resource; ${help}`
}

/** The names on a way that leads from a resource over its parents back to it. */
function cycleFrom(name: string, links: ReadonlyMap<string, ParentLink>): string[] | undefined {
  const way = [name]
  for (let at = links.get(name)?.parent; at !== undefined; at = links.get(at)?.parent) {
    way.push(at)
    if (at === name) return way
    if (way.length > links.size + 1) return undefined
  }
  return undefined
}
