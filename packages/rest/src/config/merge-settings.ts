import { type Disposition, type MergeHints, type MergeProblem, mergeProblem } from '@millrace/pipeline'
import type { ConfigPath } from './respell.ts'
import type { ResourceDefaults } from './rest-config.ts'
import type { KeyHints, Level, SchemaProblem, SchemaSettings } from './schema-settings.ts'

type Given = Pick<ResourceDefaults, 'primaryKey' | 'mergeKey' | 'writeDisposition'>

/** What a configuration says about how the rows of a resource are merged. */
export interface MergeSettings {
  readonly disposition: Disposition
  readonly primaryKey: readonly string[]
  /** Undefined where it says nothing. */
  readonly merge: MergeHints | undefined
  readonly problems: readonly SchemaProblem[]
}

/**
 * The settings of a resource over those of the defaults, with what its columns say of themselves. Where rows are not merged, keys
 * and hints of columns mean nothing, as with dlt; what stands in `writeDisposition` beside the disposition is a problem.
 */
export function mergeSettings(
  own: Given,
  defaults: Given,
  { hints, schema }: Pick<SchemaSettings, 'hints' | 'schema'>,
): MergeSettings {
  const { primaryKey: key, mergeKey: part, writeDisposition = 'append' } = { ...defaults, ...own }
  const {
    disposition,
    deduplicated: _,
    ...said
  } = typeof writeDisposition === 'string' ? { disposition: writeDisposition } : writeDisposition
  const primaryKey = [...new Set([...listOf(key), ...hints.primaryKey])]
  const mergeKey = [...new Set([...listOf(part), ...hints.mergeKey])]
  const [hardDelete, otherDelete] = hints.hardDelete
  const [dedupSort, otherSort] = hints.dedupSort
  const ofColumns: MergeHints = {
    ...(mergeKey.length > 0 && { mergeKey }),
    ...(hardDelete && { hardDelete: hardDelete.column }),
    ...(dedupSort && { dedupSort: { column: dedupSort.column, order: dedupSort.order } }),
  }
  const merge: MergeHints = disposition === 'merge' ? { ...said, ...ofColumns } : said
  const problems: SchemaProblem[] = []
  for (const second of [otherDelete, otherSort]) {
    if (second) problems.push({ ...second, message: 'is the second column that says so; only one can' })
  }
  const problem = mergeProblem({ disposition, primaryKey, merge, ...(schema && { schema }) })
  if (problem) problems.push({ ...placeOf(problem.setting, own, hints), message: problem.message })
  return { disposition, primaryKey, merge: Object.keys(merge).length > 0 ? merge : undefined, problems }
}

function listOf(key: string | readonly string[] = []): readonly string[] {
  return typeof key === 'string' ? [key] : key
}

function placeOf(setting: MergeProblem['setting'], own: Given, hints: KeyHints): { level: Level; at: ConfigPath } {
  const ofColumn = setting === 'hardDelete' || setting === 'dedupSort' ? hints[setting][0] : undefined
  if (ofColumn) return { level: ofColumn.level, at: ofColumn.at }
  if (setting === 'primaryKey') return { level: 'resource', at: [setting] }
  if (setting === 'mergeKey') return { level: own.mergeKey === undefined ? 'defaults' : 'resource', at: [setting] }
  return { level: own.writeDisposition === undefined ? 'defaults' : 'resource', at: ['writeDisposition', setting] }
}
