import type { MergeHints } from './merge-hints.ts'
import { instantOf } from './merge-rules.ts'
import type { Stream } from './source.ts'

/** A setting of {@link MergeHints}, or the primary key, and what is wrong about it. */
export interface MergeProblem {
  readonly setting: keyof MergeHints | 'primaryKey'
  readonly message: string
}

/** What makes no sense about how a stream merges; undefined where all does. */
export function mergeProblem({
  disposition,
  primaryKey = [],
  merge = {},
  schema,
}: Pick<Stream, 'disposition' | 'primaryKey' | 'merge' | 'schema'>): MergeProblem | undefined {
  const [first] = Object.keys(merge) as (keyof MergeHints)[]
  if (disposition !== 'merge') {
    return first && { setting: first, message: `says how rows are merged, and the disposition is "${disposition}"` }
  }
  const { mergeKey = [], hardDelete, dedupSort, deletedRows = 'keep', validityColumnNames } = merge
  const strategy = merge.strategy ?? (mergeKey.length > 0 ? 'delete-insert' : 'upsert')
  const of = (setting: MergeProblem['setting'], message: string): MergeProblem => ({ setting, message })
  const hasKey = primaryKey.length > 0
  const isReplacing = strategy === 'upsert' || strategy === 'insert-only'
  if (!hasKey && strategy === 'delete-insert' && mergeKey.length === 0) {
    return of('primaryKey', 'is missing: strategy "delete-insert" needs a primary key or a merge key')
  }
  if (!hasKey && strategy === 'delete-insert' && schema?.nested === 'tables') {
    return of(
      'primaryKey',
      'is missing: of rows that are the same, tables of nested rows could not tell whose is whose',
    )
  }
  if (!hasKey && isReplacing) return of('primaryKey', 'is missing: merge keeps one row per primary key')
  if (mergeKey.length > 0 && isReplacing) {
    return of('mergeKey', `says nothing to strategy "${strategy}": take "delete-insert" or "scd2", or leave it out`)
  }
  if (!hasKey && dedupSort) return of('dedupSort', 'sorts the rows of one primary key, and there is none')
  if (!hasKey && hardDelete !== undefined) return of('hardDelete', 'deletes by primary key, and there is none')
  if (hardDelete !== undefined && strategy === 'insert-only') {
    return of('hardDelete', 'deletes rows, and strategy "insert-only" leaves all as they are')
  }
  if (!hasKey && deletedRows !== 'keep') {
    return of('deletedRows', 'needs a primary key, by which the rows that are gone are found')
  }
  if (deletedRows !== 'keep' && strategy === 'scd2') {
    return of('deletedRows', 'says nothing to strategy "scd2", which ends the versions of rows that are gone')
  }
  for (const setting of versionSettings) {
    if (merge[setting] === undefined || strategy === 'scd2') continue
    return of(setting, `is for strategy "scd2", and this is "${strategy}"`)
  }
  if (validityColumnNames && validityColumnNames[0].toLowerCase() === validityColumnNames[1].toLowerCase()) {
    return of('validityColumnNames', 'needs two names')
  }
  for (const setting of ['activeRecordTimestamp', 'boundaryTimestamp'] as const) {
    const text = merge[setting]
    if (text === undefined || instantOf(text) !== undefined) continue
    return of(setting, `is ${JSON.stringify(text)}: give a date or a time in ISO 8601, such as 2024-05-01T12:00:00Z`)
  }
  return undefined
}

const versionSettings = [
  'validityColumnNames',
  'activeRecordTimestamp',
  'boundaryTimestamp',
  'rowVersionColumnName',
] as const satisfies readonly (keyof MergeHints)[]
