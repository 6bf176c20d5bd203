import { vacuumLake } from '@millrace/lake'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { lakeFolder } from '../open-destination.ts'
import { jsonText } from '../output/json-text.ts'
import { createStatus } from '../output/status.ts'
import { formatTable } from '../output/table.ts'
import { amountOption } from '../read-options.ts'

export const vacuumCommand: Command = {
  name: 'vacuum',
  summary: 'delete files that no version needs which is younger than the retention',
  help: `millrace vacuum <destination> [table] [options]

  --retention-hours <n>    hours that removed files stay; default what the table says, else 168: a week
  --allow-short-retention  take a retention shorter than that: who reads an older version now loses its files
  --dry-run                list the files, and delete none
  --json                   print the report as one JSON document

Versions older than the retention can then no longer be read. What unfinished runs have staged stays, and what no version
names stays for 24 hours at least: a run may be about to commit it.
`,
  positionals: [1, 2],
  options: {
    'retention-hours': { type: 'string' },
    'allow-short-retention': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    json: { type: 'boolean' },
  },
  run: async ({ positionals: [folder = '', table], options, stdout, stderr, stop }) => {
    const retentionHours = amountOption(options, 'retention-hours')
    const status = createStatus(stderr)
    try {
      status.show('looking for files that nobody needs')
      const report = await vacuumLake(lakeFolder(folder), {
        ...(table === undefined ? {} : { table }),
        ...(retentionHours === undefined ? {} : { retentionHours }),
        allowShortRetention: options['allow-short-retention'] === true,
        dryRun: options['dry-run'] === true,
        onTable: (done) => {
          stop.throwIfAborted()
          status.show(`${done.table}: ${done.files.length} files`)
        },
      })
      status.clear()
      const ok = report.skipped.length === 0
      if (options['json']) stdout.write(`${jsonText({ ok, ...report })}\n`)
      else {
        if (report.dryRun) for (const { files } of report.tables) for (const path of files) stdout.write(`${path}\n`)
        const header = ['table', report.dryRun ? 'files to delete' : 'files deleted', 'bytes', 'retention in hours']
        const rows = report.tables.map((done) => [
          done.table,
          done.files.length,
          done.bytes,
          done.retentionHours ?? 'for ever',
        ])
        stdout.write(formatTable(header, rows))
      }
      for (const { table: name, reason } of report.skipped) status.line(`${name} is passed over: ${reason}`)
      for (const path of report.unreadableJournals) {
        status.line(`warning: ${path} does not tell what is staged: files that no version names have been left`)
      }
      return ok ? exitCodes.done : exitCodes.failed
    } finally {
      status.clear()
    }
  },
}
