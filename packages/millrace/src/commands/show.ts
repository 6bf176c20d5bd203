import { fromArrow } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { type LakeVersion, openLake, type TableOptions } from '@millrace/lake'
import type { Command } from '../command.ts'
import { lakeFolder } from '../open-destination.ts'
import { type RowFormat, writeRows } from '../output/write-rows.ts'
import { choiceOption, countOption, textOption } from '../read-options.ts'
import { UsageError } from '../usage-error.ts'

/** Rows shown where nothing else is asked for: they fit a terminal. */
const defaultLimit = 20

const formats: readonly RowFormat[] = ['table', 'jsonl']

export const showCommand: Command = {
  name: 'show',
  summary: 'list the tables of a destination, or the rows of one',
  help: `millrace show <destination> [table] [options]

  --format <format>   table (default) or jsonl: one JSON object per row
  --limit <n>         rows to show; default ${defaultLimit}
  --at <version>      the rows of this version, or of the one that was there at a time such as 2026-11-01T12:00:00Z
  --history           the versions of the table in place of its rows

Without a table: the tables, with their rows, versions and columns.
`,
  positionals: [1, 2],
  options: {
    format: { type: 'string' },
    limit: { type: 'string' },
    at: { type: 'string' },
    history: { type: 'boolean' },
  },
  run: async ({ positionals: [folder = '', name], options, stdout }) => {
    const format = choiceOption(options, 'format', formats) ?? 'table'
    const limit = countOption(options, 'limit') ?? defaultLimit
    const at = versionOf(textOption(options, 'at'))
    const lake = openLake(lakeFolder(folder))
    if (name === undefined) {
      if (options['at'] !== undefined || options['history']) throw new UsageError('--at and --history are of one table')
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
    const table = await lake.table(name, at)
    if (options['history']) return void writeRows(stdout, format, (await table.history()).map(toRow))
    const shown: Row[] = []
    for await (const batch of table.batches()) {
      shown.push(...fromArrow(batch.slice(0, limit - shown.length)))
      if (shown.length >= limit) break
    }
    return void writeRows(stdout, format, shown)
  },
}

function versionOf(text: string | undefined): TableOptions {
  if (text === undefined) return {}
  if (/^\d+$/.test(text)) return { version: Number(text) }
  if (!Number.isNaN(Date.parse(text))) return { at: text }
  throw new UsageError(`--at takes a version such as 3, or a time such as 2026-11-01T12:00:00Z, got "${text}"`)
}

function toRow({ version, committedAt, operation }: LakeVersion): Row {
  return { version, 'committed at': committedAt, operation }
}
