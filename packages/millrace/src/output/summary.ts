import type { RunReport, TableDiscards, TableOutcome } from '@millrace/pipeline'
import { countText } from './number-text.ts'
import { formatTable } from './table.ts'

/** What a person wants to see of a run that is done. */
export function formatSummary(report: RunReport): string {
  const { mode, pipeline, streams, requests, retries, bytes, seconds } = report
  const table = formatTable(
    ['table', 'pages', 'read', 'inserted', 'updated', 'deleted', 'rows in table', 'version', 'where'],
    streams.flatMap((each) => [
      [each.table, each.pages, each.read, ...outcome(each)],
      // Their rows are those of the pages above.
      ...(each.nested ?? []).map((nested) => [nested.table, null, null, ...outcome(nested)]),
    ]),
  )
  const early = streams.filter(({ complete }) => !complete)
  const stopped = early.filter(({ incomplete }) => incomplete === undefined).map(({ stream }) => stream)
  const cut = early.filter(({ incomplete }) => incomplete !== undefined)
  const discarded = streams.flatMap(({ discarded }) => discarded ?? [])
  return [
    `${mode} run of "${pipeline}" done in ${seconds.toFixed(1)} s: ${countText(requests, 'request', 'requests')}, ${countText(retries, 'retry', 'retries')}, ${(bytes / 1e6).toFixed(1)} MB`,
    '',
    table.trimEnd(),
    ...(stopped.length > 0 ? ['', `stopped by a limit of pages, goes on at the next run: ${stopped.join(', ')}`] : []),
    ...(cut.length > 0 ? ['', 'INCOMPLETE, the next run goes on there:'] : []),
    ...cut.map(({ stream, incomplete }) => `  ${stream}: ${incomplete}`),
    ...(discarded.length > 0 ? ['', 'dropped by the schema contract:'] : []),
    ...discarded.map((each) => `  ${each.table}: ${discardText(each)}`),
    '',
  ].join('\n')
}

function outcome({ inserted, updated, deleted, tableRows, version, location }: TableOutcome): readonly unknown[] {
  const rows = [inserted, updated, deleted, tableRows]
  return version < 0 ? [...rows, null, 'no table yet: no rows came'] : [...rows, version, location]
}

const discardReasons = {
  table: 'the table does not exist',
  column: 'there is no such column',
  type: 'not of its type',
  null: 'null where none may be',
} as const

function discardText({ dropped, reason, column, count, sample }: TableDiscards): string {
  const what = countText(count, dropped, `${dropped}s`)
  const where = column === undefined ? '' : ` for column "${column}"`
  return `${what}${where}: ${discardReasons[reason]}${sample === undefined ? '' : `, such as ${sample}`}`
}
