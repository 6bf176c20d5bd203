import type { Row } from '@millrace/core'
import type { Output } from '../command.ts'
import { jsonText } from './json-text.ts'
import { formatTable } from './table.ts'

/** How rows are printed. */
export type RowFormat = 'table' | 'jsonl'

/** Prints rows as a table for people, or one JSON object a line for programs. */
export function writeRows(output: Output, format: RowFormat, rows: readonly Row[]): void {
  if (format === 'jsonl') {
    for (const row of rows) output.write(`${jsonText(row)}\n`)
    return
  }
  if (rows.length === 0) return void output.write('(no rows)\n')
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const width = output.isTTY ? output.columns : undefined
  output.write(
    formatTable(
      columns,
      rows.map((row) => columns.map((name) => row[name])),
      width,
    ),
  )
}
