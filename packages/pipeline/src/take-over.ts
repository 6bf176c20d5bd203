import type { Emit } from '@millrace/core'
import type { Session, StagedStream, TableRef } from './destination.ts'

/**
 * What of a dead run's stage this run goes on from, by stream. What does not fit any more is dropped,
 * and said so, since its rows would be those of another question.
 */
export async function takeOver(
  session: Session,
  tables: readonly TableRef[],
  emit: Emit,
): Promise<ReadonlyMap<string, StagedStream>> {
  const resumed = new Map<string, StagedStream>()
  const staged = await session.unfinished()
  for (const stream of staged?.streams ?? []) {
    const { table, checkpoint } = stream
    const wanted = tables.find(({ stream }) => stream === table.stream)
    const reason = wanted ? difference(table, wanted) : 'the stream is not part of this run'
    if (reason === undefined) {
      resumed.set(table.stream, stream)
      emit({ type: 'resume', stream: table.stream, pages: checkpoint.pages, rows: checkpoint.rows })
    } else {
      await session.discard(table.stream)
      emit({ type: 'stage-discarded', stream: table.stream, reason })
    }
  }
  return resumed
}

function difference(staged: TableRef, wanted: TableRef): string | undefined {
  if (staged.mode !== wanted.mode) return `it was a run in mode ${staged.mode}, this one is ${wanted.mode}`
  if (staged.configuration !== wanted.configuration) return 'the configuration of the stream has changed'
  if (staged.table !== wanted.table) return `it went to table ${staged.table}`
  if (staged.disposition !== wanted.disposition) return `its disposition was ${staged.disposition}`
  if (staged.primaryKey.join('\0') !== wanted.primaryKey.join('\0')) return 'the primary key has changed'
  if (JSON.stringify(staged.merge) !== JSON.stringify(wanted.merge)) return 'how its rows are merged has changed'
  if (JSON.stringify(staged.partitionBy) !== JSON.stringify(wanted.partitionBy)) {
    return 'what its table is partitioned by has changed'
  }
  return undefined
}
