import { createRedact } from '@millrace/core'
import { selectStreams } from '@millrace/pipeline'
import type { Command } from '../command.ts'
import { loadSource } from '../config/load-source.ts'
import { firstPage } from '../first-page.ts'
import { createProgress } from '../output/progress.ts'
import { writeRows } from '../output/write-rows.ts'
import { countOption, listOption } from '../read-options.ts'

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
  run: async ({ positionals: [path = ''], options, stdout, stderr, env, signal, hide }) => {
    const limit = countOption(options, 'rows') ?? defaultRows
    const { source, secrets } = await loadSource(path, env)
    const redact = createRedact(secrets)
    hide(redact)
    const progress = createProgress(stderr, redact)
    for (const stream of selectStreams(source, listOption(options, 'only'))) {
      const page = await firstPage(stream, signal, progress.emit)
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
