import type { MergedResource } from '../config/merge-defaults.ts'
import type { ConfigPath } from '../config/respell.ts'
import { type Placeholder, placeholdersOf } from '../request/template.ts'

/** What a child needs of its parent: whose rows, and which of their fields. */
export interface ParentLink {
  readonly parent: string
  /** Paths of the fields in the parent's row, each once. */
  readonly paths: readonly string[]
  /** Fields that every row of the child gets. */
  readonly include: readonly string[]
}

/** A placeholder, and where in the endpoint it stands. */
export type PlacedPlaceholder = Placeholder & { readonly at: ConfigPath }

/** Every placeholder of a resource's request. */
export function placeholdersOfEndpoint(endpoint: MergedResource['endpoint']): PlacedPlaceholder[] {
  const { path, params, headers, json, data } = endpoint
  return Object.entries({ path, params, headers, json, data }).flatMap(([key, value]) => placeholdersIn(value, [key]))
}

function placeholdersIn(value: unknown, at: ConfigPath): PlacedPlaceholder[] {
  if (typeof value === 'string') return placeholdersOf(value).map((each) => ({ ...each, at }))
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((each, index) => placeholdersIn(each, [...at, index]))
  return Object.entries(value).flatMap(([key, each]) => [
    ...placeholdersIn(key, [...at, key]),
    ...placeholdersIn(each, [...at, key]),
  ])
}

/**
 * The parent of a resource; undefined where it has none.
 *
 * @throws {RangeError} where it names more than one.
 */
export function parentLinkOf({ endpoint, includeFromParent }: MergedResource): ParentLink | undefined {
  const found = placeholdersOfEndpoint(endpoint).filter((each) => each.context === 'resources')
  const [parent, ...others] = new Set(found.map(({ resource }) => resource))
  if (parent === undefined) return undefined
  if (others.length > 0) {
    throw new RangeError(
      `has placeholders of more than one resource (${[parent, ...others].join(', ')}): a child has one parent`,
    )
  }
  return { parent, paths: [...new Set(found.map(({ path }) => path))], include: includeFromParent }
}
