import { type CommitEvery, type Mode, run } from '@millrace/pipeline'
import type { Command, OptionValues } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { openDestination } from '../open-destination.ts'
import { formatSummary } from '../output/summary.ts'
import { choiceOption, countOption, listOption, textOption } from '../read-options.ts'
import { startSource } from '../start-source.ts'
import { UsageError } from '../usage-error.ts'

const modes: readonly Mode[] = ['incremental', 'full-refresh']

export const runCommand: Command = {
  name: 'run',
  summary: 'load what the configuration describes into a destination',
  help: `millrace run <config> --to <destination> [options]

  <config>             .json, .yaml, or a module (.ts, .js); \${NAME} in a string is an environment variable
  --to <destination>   a folder to keep Delta tables in
  --mode <mode>        incremental (default): from the stored cursor, appending or merging
                       full-refresh: forget the cursor, read all, swap the table in one commit
  --only <a,b>         these streams only
  --max-pages <n>      at most n pages per stream; the next run goes on from there
  --commit-every <n>   commit while reading, for streams that are long or never end: each 100000rows, 60s or
                       100000rows,60s, whichever comes first. What replaces a table is swapped once, at the end
  --pipeline <name>    name that the state is kept under; default: the file's name without its ending
  --json               print the report as one JSON document

A run that was stopped, in whatever way, goes on where it was when the same command is given again. SIGINT (Ctrl-C) and
SIGTERM finish the page under way, for 4 seconds at most; a second one ends the run at once.
`,
  positionals: [1, 1],
  options: {
    to: { type: 'string' },
    mode: { type: 'string' },
    only: { type: 'string' },
    'max-pages': { type: 'string' },
    'commit-every': { type: 'string' },
    pipeline: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (input) => {
    const { options, stdout, stop, signal } = input
    const to = textOption(options, 'to')
    if (to === undefined) throw new UsageError('run needs --to <destination>, for example --to ./data')
    const mode = choiceOption(options, 'mode', modes)
    const only = listOption(options, 'only')
    const maxPages = countOption(options, 'max-pages')
    const commitEvery = commitEveryOption(options)
    const pipeline = textOption(options, 'pipeline')
    const destination = openDestination(to)
    const { source, progress } = await startSource(input)
    try {
      const report = await run(source, destination, {
        stop,
        signal,
        emit: progress.emit,
        ...(mode ? { mode } : {}),
        ...(only ? { only } : {}),
        ...(maxPages ? { maxPages } : {}),
        ...(commitEvery ? { commitEvery } : {}),
        ...(pipeline ? { pipeline } : {}),
      })
      progress.stop()
      stdout.write(options['json'] ? `${JSON.stringify({ ok: true, ...report })}\n` : formatSummary(report))
      return report.streams.some(({ incomplete }) => incomplete !== undefined) ? exitCodes.resumable : exitCodes.done
    } finally {
      progress.stop()
    }
  },
}

/** `100000rows`, `60s`, or both with a comma between them. */
function commitEveryOption(options: OptionValues): CommitEvery | undefined {
  const parts = listOption(options, 'commit-every')
  if (!parts) return undefined
  const every: { rows?: number; seconds?: number } = {}
  for (const part of parts) {
    const [, number, unit] = /^([1-9]\d{0,8})(rows|s)$/.exec(part) ?? []
    const name = unit === 'rows' ? 'rows' : 'seconds'
    if (number === undefined || every[name] !== undefined) {
      throw new UsageError(`--commit-every takes 100000rows, 60s or both with a comma, got "${parts.join(',')}"`)
    }
    every[name] = Number(number)
  }
  return every
}
