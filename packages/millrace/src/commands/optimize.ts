import { optimizeLake } from '@millrace/lake'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { lakeFolder } from '../open-destination.ts'
import { jsonText } from '../output/json-text.ts'
import { createStatus } from '../output/status.ts'
import { formatTable } from '../output/table.ts'
import { bytesOption, listOption } from '../read-options.ts'

export const optimizeCommand: Command = {
  name: 'optimize',
  summary: 'join small files into larger ones, and sort them',
  help: `millrace optimize <destination> [table] [options]

  --sort-by <a,b>        sort all rows by these columns, best the primary key: merges then write fewer files anew
  --target-size <size>   of a file, such as 64MB; default 128MiB
  --memory-limit <size>  what may be used before data is spilled to disk; default 1GB
  --json                 print the report as one JSON document

The rows stay the same, and runs may go on meanwhile. The files that were joined stay until they are vacuumed.
`,
  positionals: [1, 2],
  options: {
    'sort-by': { type: 'string' },
    'target-size': { type: 'string' },
    'memory-limit': { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async ({ positionals: [folder = '', table], options, stdout, stderr, stop }) => {
    const sortBy = listOption(options, 'sort-by')
    const targetBytes = bytesOption(options, 'target-size')
    const memoryBytes = bytesOption(options, 'memory-limit')
    const status = createStatus(stderr)
    try {
      status.show('looking for files to join')
      const report = await optimizeLake(lakeFolder(folder), {
        ...(table === undefined ? {} : { table }),
        ...(sortBy === undefined ? {} : { sortBy }),
        ...(targetBytes === undefined ? {} : { targetBytes }),
        ...(memoryBytes === undefined ? {} : { memoryLimit: `${memoryBytes}B` }),
        onTable: (done) => {
          stop.throwIfAborted()
          status.show(`${done.table}: ${done.filesRemoved} files into ${done.filesAdded}`)
        },
      })
      status.clear()
      const ok = report.skipped.length === 0
      const header = [
        'table',
        'version',
        'files before',
        'files after',
        'bytes before',
        'bytes after',
        'files in table',
      ]
      const rows = report.tables.map((done) => [
        done.table,
        done.version,
        done.filesRemoved,
        done.filesAdded,
        done.bytesRemoved,
        done.bytesAdded,
        done.files,
      ])
      stdout.write(options['json'] ? `${jsonText({ ok, ...report })}\n` : formatTable(header, rows))
      for (const { table: name, reason } of report.skipped) status.line(`${name} is passed over: ${reason}`)
      return ok ? exitCodes.done : exitCodes.failed
    } finally {
      status.clear()
    }
  },
}
