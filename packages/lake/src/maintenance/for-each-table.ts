import { errorMessage, isMillraceError } from '@millrace/core'
import type { ObjectStore } from '../store/object-store.ts'
import { chooseTables } from './choose-tables.ts'

/** A table that nothing was done to. */
export interface SkippedTable {
  readonly table: string
  readonly reason: string
}

/**
 * Does something to the table asked for, or to all. One of many that cannot be read, or is of a kind that is not known, is
 * passed over and told of; the one asked for fails.
 */
export async function forEachTable<Result>(
  lake: ObjectStore,
  asked: string | undefined,
  work: (table: string, store: ObjectStore) => Promise<Result>,
): Promise<{ readonly tables: readonly Result[]; readonly skipped: readonly SkippedTable[] }> {
  const tables: Result[] = []
  const skipped: SkippedTable[] = []
  for (const table of await chooseTables(lake, asked)) {
    try {
      tables.push(await work(table, lake.within(table)))
    } catch (thrown) {
      const isOfTable = isMillraceError(thrown) && passedOver.has(thrown.code)
      if (asked !== undefined || !isOfTable) throw thrown
      // A table whose first version is being made is none yet.
      if (thrown.code === 'E_TABLE_NOT_FOUND') continue
      skipped.push({ table, reason: errorMessage(thrown) })
    }
  }
  return { tables, skipped }
}

const passedOver: ReadonlySet<string> = new Set([
  'E_TABLE_NOT_FOUND',
  'E_UNSUPPORTED_TABLE',
  'E_CORRUPT',
  'E_DUCKDB',
  'E_COLUMN_TYPE',
  'E_SORT_COLUMN',
])
