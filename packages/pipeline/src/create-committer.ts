import type { Emit } from '@millrace/core'
import type { CommitTable, Session, TableReport } from './destination.ts'

/** Makes the commits of a run, and adds up what they came to. */
export interface Committer {
  /** Of the streams of a run, which are read at the same time, one commit is made after the other. */
  commit(tables: readonly CommitTable[]): Promise<void>
  /** Per stream, tables of nested rows as streams of their own: rows and files of all commits, and the table after the last. */
  readonly outcomes: ReadonlyMap<string, TableReport>
}

/** @param emit - Told of each table that a commit has changed. */
export function createCommitter(session: Pick<Session, 'commit'>, emit: Emit): Committer {
  const outcomes = new Map<string, TableReport>()
  let before: Promise<unknown> = Promise.resolve()

  async function commitNow(tables: readonly CommitTable[]): Promise<void> {
    for (const report of (await session.commit({ tables })).tables) {
      const { stream, root = stream, table, version, inserted, updated } = report
      outcomes.set(stream, sum(outcomes.get(stream), report))
      emit({ type: 'commit', stream: root, table, version, rows: inserted + updated })
    }
  }

  return {
    commit: (tables) => {
      const commit = before.then(() => commitNow(tables))
      // Who waits in turn is not concerned by the failure of another.
      before = commit.catch(() => {})
      return commit
    },
    outcomes,
  }
}

function sum(before: TableReport | undefined, report: TableReport): TableReport {
  if (!before) return report
  return {
    ...report,
    inserted: before.inserted + report.inserted,
    updated: before.updated + report.updated,
    deleted: before.deleted + report.deleted,
    filesAdded: before.filesAdded + report.filesAdded,
    filesRemoved: before.filesRemoved + report.filesRemoved,
    bytesAdded: before.bytesAdded + report.bytesAdded,
  }
}
