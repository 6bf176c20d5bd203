import { nearest } from '@millrace/core'
import { type ParentLink, parentLinkOf, placeholdersOfEndpoint } from '../parents/parent-link.ts'
import { createAuth } from '../request/create-auth.ts'
import { EndpointProblem } from './endpoint-problem.ts'
import { endpointProblems } from './endpoint-problems.ts'
import { mergeDefaults } from './merge-defaults.ts'
import { placeInConfig } from './place-in-config.ts'
import type { ConfigPath } from './respell.ts'
import type { RestConfig } from './rest-config.ts'

type Problem = readonly [ConfigPath, string]

/** A resource that reads from another one, and the place of the placeholder that says so. */
interface Child {
  readonly name: string
  readonly link: ParentLink
  readonly path: ConfigPath
  readonly placeholder: ConfigPath
}

const noParent = 'there is no parent: no placeholder {resources.…} in the endpoint'

/**
 * What is wrong only in the light of something else in the configuration.
 *
 * @param wrong - Indexes of resources that are known to be wrong by themselves: nothing of them counts but their names.
 */
export function checkResources(config: RestConfig, wrong: ReadonlySet<number> = new Set()): Problem[] {
  const { client, resources, resourceDefaults } = config
  const found = new Map<string, Problem>()
  // What stands in the defaults is found with every resource.
  const add = (path: ConfigPath, message: string): void =>
    void found.set(JSON.stringify([path, message]), [path, message])
  const attempt = <T>(work: () => T, placeOf: (at: ConfigPath) => ConfigPath): T | undefined => {
    try {
      return work()
    } catch (thrown) {
      add(placeOf(thrown instanceof EndpointProblem ? thrown.at : []), (thrown as Error).message)
      return undefined
    }
  }

  if (client.auth)
    attempt(
      () => client.auth && createAuth(client.auth, client),
      () => ['client', 'auth'],
    )
  const children: Child[] = []
  const names = new Set<string>()
  for (const [index, resource] of resources.entries()) {
    const path: ConfigPath = ['resources', index]
    const isShort = typeof resource === 'string'
    const name = isShort ? resource : resource.name
    if (names.has(name) && !wrong.has(index)) {
      add(isShort ? path : [...path, 'name'], `there are two resources with the name "${name}"`)
    }
    names.add(name)
    if (wrong.has(index)) continue
    const placeOf = placeInConfig(config, index)
    const merged = attempt(() => mergeDefaults(resource, resourceDefaults), placeOf)
    if (merged === undefined) continue
    for (const { level, at, message } of merged.schemaProblems) {
      if (isShort && at[0] === 'primaryKey') add(path, message.replace(/^is missing/, 'has no primary_key'))
      else add([...(level === 'resource' ? path : ['resourceDefaults']), ...at], message)
    }
    if ('rows' in merged) continue
    const { endpoint } = merged
    if (endpoint.auth)
      attempt(
        () => endpoint.auth && createAuth(endpoint.auth, client),
        () => placeOf(['auth']),
      )
    for (const [at, message] of endpointProblems(endpoint, client)) add(placeOf(at), message)
    const [first] = placeholdersOfEndpoint(endpoint).filter(({ context }) => context === 'resources')
    if (first) {
      const link = attempt(() => parentLinkOf(merged), placeOf)
      if (link) children.push({ name, link, path: placeOf([]), placeholder: placeOf(first.at) })
      continue
    }
    // In the defaults both are for the resources that have one.
    if (merged.includeFromParent.length > 0 && !isShort && 'includeFromParent' in resource) {
      add([...path, 'includeFromParent'], noParent)
    }
    const perParent = placeOf(['incremental', 'perParent'])
    if (endpoint.incremental?.perParent && perParent[0] === 'resources') add(perParent, noParent)
  }
  const parentOf = new Map(children.map(({ name, link }) => [name, link.parent]))
  for (const { name, link, path, placeholder } of children) {
    if (!names.has(link.parent)) add(placeholder, unknownParent(link.parent, [...names]))
    const circle = circleFrom(name, parentOf)
    if (circle) add(path, `the resources read from each other in a circle: ${circle.join(' → ')}`)
  }
  return [...found.values()]
}

function unknownParent(parent: string, names: readonly string[]): string {
  const meant = nearest(parent, names)
  const help = meant === undefined ? `there are ${names.join(', ')}` : `did you mean "${meant}"?`
  return `reads from "${parent}", and there is no such resource; ${help}`
}

/** The names on a way that leads from a resource over its parents back to it. */
function circleFrom(name: string, parentOf: ReadonlyMap<string, string>): string[] | undefined {
  const way = [name]
  for (let at = parentOf.get(name); at !== undefined; at = parentOf.get(at)) {
    way.push(at)
    if (at === name) return way
    if (way.length > parentOf.size + 1) return undefined
  }
  return undefined
}
