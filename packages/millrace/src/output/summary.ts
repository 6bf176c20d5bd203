import type { RunReport } from '@millrace/pipeline'
import { countText } from './number-text.ts'
import { formatTable } from './table.ts'

/** What a person wants to see of a run that is done. */
export function formatSummary(report: RunReport): string {
  const { mode, pipeline, streams, requests, retries, bytes, seconds } = report
  const table = formatTable(
    ['table', 'pages', 'read', 'inserted', 'updated', 'deleted', 'rows in table', 'version', 'where'],
    streams.map((each) => [
      each.table,
      each.pages,
      each.read,
      each.inserted,
      each.updated,
      each.deleted,
      each.tableRows,
      each.version < 0 ? null : each.version,
      each.version < 0 ? 'no table yet: no rows came' : each.location,
    ]),
  )
  const early = streams.filter(({ complete }) => !complete)
  const stopped = early.filter(({ incomplete }) => incomplete === undefined).map(({ stream }) => stream)
  const cut = early.filter(({ incomplete }) => incomplete !== undefined)
  return [
    `${mode} run of "${pipeline}" done in ${seconds.toFixed(1)} s: ${countText(requests, 'request', 'requests')}, ${countText(retries, 'retry', 'retries')}, ${(bytes / 1e6).toFixed(1)} MB`,
    '',
    table.trimEnd(),
    ...(stopped.length > 0 ? ['', `stopped by a limit of pages, goes on at the next run: ${stopped.join(', ')}`] : []),
    ...(cut.length > 0 ? ['', 'INCOMPLETE, the next run goes on there:'] : []),
    ...cut.map(({ stream, incomplete }) => `  ${stream}: ${incomplete}`),
    '',
  ].join('\n')
}
