import { createConverter } from '@millrace/arrow'
import { selectStreams } from '@millrace/pipeline'
import type { Command } from '../command.ts'
import { firstPage } from '../first-page.ts'
import { numberText } from '../output/number-text.ts'
import { formatTable } from '../output/table.ts'
import { listOption } from '../read-options.ts'
import { startSource } from '../start-source.ts'

export const checkCommand: Command = {
  name: 'check',
  summary: 'validate the configuration, then read one page of each stream',
  help: `millrace check <config> [--only <a,b>] [--json]

Nothing is written. Prints for every stream what its first page holds and the columns it would make.
`,
  positionals: [1, 1],
  options: { only: { type: 'string' }, json: { type: 'boolean' } },
  run: async (input) => {
    const {
      positionals: [path = ''],
      options,
      stdout,
      signal,
    } = input
    const { source, progress } = await startSource(input)
    const results = []
    for (const stream of selectStreams(source, listOption(options, 'only'))) {
      const page = await firstPage(stream, signal, progress.emit)
      const { schema } = createConverter().convert(page?.rows ?? [])
      results.push({
        stream: stream.name,
        table: stream.table ?? stream.name,
        disposition: stream.disposition,
        primaryKey: stream.primaryKey ?? [],
        rows: page?.rows.length ?? 0,
        ...(page?.meta?.total === undefined ? {} : { total: page.meta.total }),
        columns: schema.fields.map(({ name, type }) => ({ name, type: String(type) })),
      })
    }
    if (options['json']) return void stdout.write(`${JSON.stringify({ ok: true, streams: results })}\n`)
    for (const { stream, table, disposition, primaryKey, rows, total, columns } of results) {
      const of = total === undefined ? '' : ` of ${numberText(total)}`
      const key = primaryKey.length > 0 ? ` by ${primaryKey.join(', ')}` : ''
      stdout.write(
        `${stream}: ${disposition}${key} into "${table}"; the first page has ${numberText(rows)}${of} rows\n`,
      )
      stdout.write(
        `${formatTable(
          ['column', 'type'],
          columns.map((each) => [each.name, each.type]),
        )}\n`,
      )
    }
    stdout.write(`${path} is fine: ${results.length} stream${results.length === 1 ? '' : 's'} answered\n`)
  },
}
