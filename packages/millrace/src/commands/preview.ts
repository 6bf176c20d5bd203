import { selectStreams } from '@millrace/pipeline'
import type { Command } from '../command.ts'
import { firstPage } from '../first-page.ts'
import { writeRows } from '../output/write-rows.ts'
import { countOption, listOption } from '../read-options.ts'
import { startSource } from '../start-source.ts'

/** Rows shown where nothing else is asked for: they fit a terminal. */
const defaultRows = 10

export const previewCommand: Command = {
  name: 'preview',
  summary: 'show the first rows of each stream as the API sends them',
  help: `millrace preview <config> [--only <a,b>] [--rows <n>] [--json]

  --rows <n>   rows of the first page to show; default ${defaultRows}
  --json       one JSON object per row, with the stream's name in "stream" and the row in "row"

Nothing is written.
`,
  positionals: [1, 1],
  options: { only: { type: 'string' }, rows: { type: 'string' }, json: { type: 'boolean' } },
  run: async (input) => {
    const { options, stdout, stop } = input
    const limit = countOption(options, 'rows') ?? defaultRows
    const { source, progress } = await startSource(input)
    for (const stream of selectStreams(source, listOption(options, 'only'))) {
      const page = await firstPage(stream, stop, progress.emit)
      const rows = (page?.rows ?? []).slice(0, limit)
      if (options['json'])
        writeRows(
          stdout,
          'jsonl',
          rows.map((row) => ({ stream: stream.name, row })),
        )
      else {
        stdout.write(`${stream.name}\n`)
        writeRows(stdout, 'table', rows)
        stdout.write('\n')
      }
    }
  },
}
