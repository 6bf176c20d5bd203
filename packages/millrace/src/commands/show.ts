import { fromArrow } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { openLake } from '@millrace/lake'
import type { Command } from '../command.ts'
import { lakeFolder } from '../open-destination.ts'
import { type RowFormat, writeRows } from '../output/write-rows.ts'
import { choiceOption, countOption } from '../read-options.ts'

/** Rows shown where nothing else is asked for: they fit a terminal. */
const defaultLimit = 20

const formats: readonly RowFormat[] = ['table', 'jsonl']

export const showCommand: Command = {
  name: 'show',
  summary: 'list the tables of a destination, or the rows of one',
  help: `millrace show <destination> [table] [options]

  --format <format>   table (default) or jsonl: one JSON object per row
  --limit <n>         rows to show; default ${defaultLimit}

Without a table: the tables, with their rows, versions and columns.
`,
  positionals: [1, 2],
  options: { format: { type: 'string' }, limit: { type: 'string' } },
  run: async ({ positionals: [folder = '', name], options, stdout }) => {
    const format = choiceOption(options, 'format', formats) ?? 'table'
    const limit = countOption(options, 'limit') ?? defaultLimit
    const lake = openLake(lakeFolder(folder))
    if (name === undefined) {
      const tables: Row[] = []
      for (const table of await lake.tables()) {
        const { version, schema, files, rowCount } = await lake.table(table)
        tables.push({
          table,
          rows: rowCount,
          version,
          files: files.length,
          columns: schema.fields.map((each) => each.name).join(', '),
        })
      }
      return void writeRows(stdout, format, tables)
    }
    const table = await lake.table(name)
    const shown: Row[] = []
    for await (const batch of table.batches()) {
      shown.push(...fromArrow(batch.slice(0, limit - shown.length)))
      if (shown.length >= limit) break
    }
    return void writeRows(stdout, format, shown)
  },
}
