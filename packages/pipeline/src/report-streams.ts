import type { TableDiscards } from './count-discards.ts'
import type { CommitTable, TableReport } from './destination.ts'
import type { StreamProgress } from './read-stream.ts'
import type { StreamReport, TableOutcome } from './report.ts'

/** A stream that was read, as far as its report goes. */
export interface ReadPart extends Omit<StreamProgress, 'checkpoint'> {
  readonly entry: CommitTable
  readonly resumedPages: number
}

/**
 * What the streams of a run came to, in the order of `names`.
 *
 * @param outcomes - Of all tables, those of nested rows among them.
 */
export function reportStreams(
  names: readonly string[],
  outcomes: readonly TableReport[],
  parts: readonly ReadPart[],
  discardsOf: (stream: string) => readonly TableDiscards[],
): readonly StreamReport[] {
  const reports = outcomes.flatMap((outcome): StreamReport[] => {
    const { stream, root } = outcome
    if (root !== undefined) return []
    const part = parts.find(({ entry }) => entry.table.stream === stream)
    const discarded = discardsOf(stream)
    const nested = outcomes.filter((each) => each.root === stream).map(outcomeOf)
    return [
      {
        stream,
        ...outcomeOf(outcome),
        complete: part?.complete ?? true,
        ...(part?.incomplete === undefined ? {} : { incomplete: part.incomplete }),
        pages: part?.entry.checkpoint.pages ?? 0,
        read: part?.entry.checkpoint.rows ?? 0,
        resumedPages: part?.resumedPages ?? 0,
        ...(nested.length > 0 && { nested }),
        ...(discarded.length > 0 && { discarded }),
      },
    ]
  })
  return reports.sort((a, b) => names.indexOf(a.stream) - names.indexOf(b.stream))
}

function outcomeOf({ stream: _, root: __, rows, ...report }: TableReport): TableOutcome {
  return { ...report, tableRows: rows }
}
