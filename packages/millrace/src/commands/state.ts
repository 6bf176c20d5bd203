import type { Row } from '@millrace/core'
import { openLake } from '@millrace/lake'
import { describePosition } from '@millrace/rest'
import type { Command } from '../command.ts'
import { lakeFolder } from '../open-destination.ts'
import { jsonText } from '../output/json-text.ts'
import { writeRows } from '../output/write-rows.ts'

export const stateCommand: Command = {
  name: 'state',
  summary: 'show how far each stream of each pipeline has got',
  help: `millrace state <destination> [--json]

How far each stream got, as it is stored with the data. --json has the positions themselves.
`,
  positionals: [1, 1],
  options: { json: { type: 'boolean' } },
  run: async ({ positionals: [folder = ''], options, stdout }) => {
    const states = await openLake(lakeFolder(folder)).state()
    if (options['json']) return void stdout.write(`${jsonText({ ok: true, streams: states })}\n`)
    writeRows(
      stdout,
      'table',
      states.map(
        ({ pipeline, stream, table, committedAt, position }): Row => ({
          pipeline,
          stream,
          table,
          'committed at': committedAt,
          // Positions of other sources are theirs to understand.
          'how far': describePosition(position) ?? jsonText(position),
        }),
      ),
    )
  },
}
