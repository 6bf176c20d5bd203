import { type LakeVerification, verifyLake } from '@millrace/lake'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { lakeFolder } from '../open-destination.ts'
import { jsonText } from '../output/json-text.ts'
import { countText } from '../output/number-text.ts'
import { createStatus } from '../output/status.ts'
import { formatTable } from '../output/table.ts'

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'read every byte of a destination, and hold it to what was written',
  help: `millrace verify <destination> [table] [options]

  --all-versions   also the files of older versions, as far as they have not been vacuumed
  --json           print the report as one JSON document

Commits, checkpoints and stored states; size, SHA-256 and rows of every file; without a table also the stages of runs that
are not finished. Nothing is changed. Ends with exit code 1 where something is not as it was written.
`,
  positionals: [1, 2],
  options: { 'all-versions': { type: 'boolean' }, json: { type: 'boolean' } },
  run: async ({ positionals: [folder = '', table], options, stdout, stderr, stop }) => {
    const status = createStatus(stderr)
    try {
      const report = await verifyLake(lakeFolder(folder), {
        ...(table === undefined ? {} : { table }),
        allVersions: options['all-versions'] === true,
        onFile: (file) => {
          stop.throwIfAborted()
          status.show(`${file.table}: file ${file.files} of ${file.of}`)
        },
      })
      status.clear()
      const ok = report.findings.length === 0
      stdout.write(options['json'] ? `${jsonText({ ok, ...report })}\n` : formatVerification(report))
      return ok ? exitCodes.done : exitCodes.failed
    } finally {
      status.clear()
    }
  },
}

function formatVerification({ tables, journals, findings }: LakeVerification): string {
  const header = ['table', 'version', 'files', 'rows', 'bytes', 'not hashed', 'vacuumed']
  const rows = tables.map((each) => [
    each.table,
    each.version ?? null,
    each.files,
    each.rows,
    each.bytes,
    each.notHashed,
    each.gone,
  ])
  return [
    ...(rows.length > 0 ? [formatTable(header, rows)] : ['no tables\n']),
    ...(journals > 0 ? [`${countText(journals, 'run', 'runs')} not finished\n`] : []),
    findings.length === 0
      ? 'all is as it was written\n'
      : `${countText(findings.length, 'file is', 'files are')} not as written:\n`,
    ...findings.map(({ problem, message }) => `  ${problem}: ${message}\n`),
  ].join('')
}
