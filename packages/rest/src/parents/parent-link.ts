import type { MergedResource } from '../config/merge-defaults.ts'
import { type Placeholder, placeholdersOf } from '../request/template.ts'

/** What a child needs of its parent: whose rows, and which of their fields. */
export interface ParentLink {
  readonly parent: string
  /** Paths of the fields in the parent's row, each once. */
  readonly paths: readonly string[]
  /** Fields that every row of the child gets. */
  readonly include: readonly string[]
}

/** Every placeholder of a resource's request, with the key of the endpoint it stands in. */
export function placeholdersOfEndpoint(endpoint: MergedResource['endpoint']): (Placeholder & { key: string })[] {
  const { path, params, headers, json, data } = endpoint
  return Object.entries({ path, params, headers, json, data }).flatMap(([key, value]) =>
    placeholdersIn(value).map((each) => ({ ...each, key })),
  )
}

function placeholdersIn(value: unknown): Placeholder[] {
  if (typeof value === 'string') return placeholdersOf(value)
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(placeholdersIn)
  return Object.entries(value).flatMap(([key, each]) => [...placeholdersOf(key), ...placeholdersIn(each)])
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
