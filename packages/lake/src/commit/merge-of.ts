import { idColumn, rootIdColumn } from '@millrace/arrow'
import type { CommitTable } from '@millrace/pipeline'
import type { PlanOptions } from './plan-commit.ts'

/**
 * How the rows of a table are merged, and by which key. Nested rows follow those that they are nested in: whatever the rules
 * of these are, what is nested in rows that come or go goes, and then what is nested in those that come comes.
 *
 * @param isContinued - What this run has committed before is not in the stage, and not gone for that.
 */
export function mergeOf(
  { table, merge }: CommitTable,
  isContinued: boolean,
): Pick<PlanOptions, 'primaryKey' | 'merge'> {
  if (!merge || !table.root) {
    return { primaryKey: table.primaryKey, merge: merge && { ...merge, isWhole: merge.isWhole && !isContinued } }
  }
  return { primaryKey: [idColumn], merge: { strategy: 'delete-insert', mergeKey: [rootIdColumn] } }
}
