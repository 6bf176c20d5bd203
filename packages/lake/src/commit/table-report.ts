import type { TableReport } from '@millrace/pipeline'
import type { CommitInfo } from '../delta/actions.ts'
import { readCommit } from '../delta/log.ts'
import type { ObjectStore } from '../store/object-store.ts'

/** The numbers of a {@link TableReport}. */
export type Counts = Pick<
  TableReport,
  'inserted' | 'updated' | 'deleted' | 'rows' | 'filesAdded' | 'filesRemoved' | 'bytesAdded'
>

/** Our names and Delta's: the first six are Spark's, so that its tools show them. */
const metrics = {
  inserted: 'numTargetRowsInserted',
  updated: 'numTargetRowsUpdated',
  deleted: 'numTargetRowsDeleted',
  filesAdded: 'numTargetFilesAdded',
  filesRemoved: 'numTargetFilesRemoved',
  bytesAdded: 'numTargetBytesAdded',
  rows: 'millrace.numTableRows',
} as const satisfies Record<keyof Counts, string>

export function toMetrics(counts: Counts): CommitInfo['operationMetrics'] {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [metric, String(counts[name as keyof Counts])]),
  )
}

/** What a commit that is in the log already reported when it was made. Zeros where the log has lost it. */
export async function countsOf(table: ObjectStore, version: number | undefined): Promise<Counts> {
  const actions = version === undefined ? [] : await readCommit(table, version)
  const stored = actions.find(({ commitInfo }) => commitInfo)?.commitInfo?.operationMetrics ?? {}
  const number = (name: keyof Counts): number => Number(stored[metrics[name]] ?? 0)
  return {
    inserted: number('inserted'),
    updated: number('updated'),
    deleted: number('deleted'),
    rows: number('rows'),
    filesAdded: number('filesAdded'),
    filesRemoved: number('filesRemoved'),
    bytesAdded: number('bytesAdded'),
  }
}
