import { namingOf } from '@millrace/arrow'
import type { TableRef } from './destination.ts'
import { type DedupSort, type DeletedRows, defaultValidityColumnNames, type MergeStrategy } from './merge-hints.ts'
import type { Stream } from './source.ts'

/** {@link MergeHints} with all defaults in them, and columns named as the table names them. Plain JSON. */
export interface MergeRules {
  readonly strategy: MergeStrategy
  /** Empty where there is none. */
  readonly mergeKey: readonly string[]
  readonly hardDelete?: string
  readonly dedupSort?: DedupSort
  readonly deletedRows: DeletedRows
  /** Of `scd2`, and of no other strategy. */
  readonly versions?: VersionRules
}

/** How `scd2` keeps the versions of a row. */
export interface VersionRules {
  readonly validFrom: string
  readonly validTo: string
  /** In `validTo` of a row that is valid, ISO 8601. Missing: null. */
  readonly active?: string
  /** When versions end and begin, ISO 8601. Missing: at the time of the commit. */
  readonly boundary?: string
  /** Tells versions apart. Missing: all columns do. */
  readonly column?: string
}

/** How one commit merges. */
export interface MergePlan extends MergeRules {
  /**
   * Whether the stage has all rows that the source has, so that those it has not are gone. Where the same run has committed
   * a part of the stream before, the destination takes it for false.
   */
  readonly isWhole: boolean
  /** The time of the commit, milliseconds since 1970: the same when it is done again. */
  readonly at: number
}

/** Rows with the primary key of one that is there take its place; of those that come, the last to arrive stays. */
export const upsertRules: MergeRules = Object.freeze({ strategy: 'upsert', mergeKey: [], deletedRows: 'keep' })

/** The rules of a stream; undefined where it does not merge. */
export function mergeRules({ disposition, merge = {}, schema }: Stream): MergeRules | undefined {
  if (disposition !== 'merge') return undefined
  const naming = namingOf(schema?.names ?? 'keep')
  const { hardDelete, dedupSort, deletedRows = 'keep', rowVersionColumnName } = merge
  const mergeKey = (merge.mergeKey ?? []).map(naming)
  const asked = merge.strategy ?? (mergeKey.length > 0 ? 'delete-insert' : 'upsert')
  const strategy = asked === 'delete-insert' && mergeKey.length === 0 ? 'upsert' : asked
  const [validFrom, validTo] = merge.validityColumnNames ?? defaultValidityColumnNames
  const active = instantOf(merge.activeRecordTimestamp)
  const boundary = instantOf(merge.boundaryTimestamp)
  return {
    strategy,
    mergeKey,
    ...(hardDelete !== undefined && { hardDelete: naming(hardDelete) }),
    ...(dedupSort && { dedupSort: { ...dedupSort, column: naming(dedupSort.column) } }),
    deletedRows,
    ...(strategy === 'scd2' && {
      versions: {
        validFrom,
        validTo,
        ...(active !== undefined && { active }),
        ...(boundary !== undefined && { boundary }),
        ...(rowVersionColumnName !== undefined && { column: naming(rowVersionColumnName) }),
      },
    }),
  }
}

/** ISO 8601 in UTC of a date or a time; what has no offset is UTC, too. Undefined where it is none. */
export function instantOf(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text))
    return undefined
  const hasTime = text.length > 10
  const hasOffset = /(Z|[+-]\d\d:?\d\d)$/.test(text.slice(10))
  const date = new Date(hasTime && !hasOffset ? `${text}Z` : text)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/**
 * Whether a table can only be committed when its stream has been read to its end: rows that are missing say something, or
 * what comes later would take away what came before. Such a stream is not committed in the middle of a run.
 */
export function needsWholeScan({ merge }: Pick<TableRef, 'merge'>): boolean {
  return merge !== undefined && (merge.strategy === 'scd2' || merge.mergeKey.length > 0 || endsAbsent(merge))
}

/** Whether a row that a whole read has not is marked, removed or ended. With a merge key, `scd2` ends by that. */
export function endsAbsent({ strategy, deletedRows, mergeKey }: MergeRules): boolean {
  return deletedRows !== 'keep' || (strategy === 'scd2' && mergeKey.length === 0)
}
