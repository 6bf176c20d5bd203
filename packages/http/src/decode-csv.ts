import type { JsonObject } from '@millrace/core'
import { CsvError, parse } from 'csv-parse/sync'
import { DecodeError, webPageReason } from './decode-error.ts'

/**
 * The rows of a comma-separated text, as objects by the names in its first line. All values are text, and what is empty
 * is empty text: the format says no more. Blank lines are skipped, except in a table of one column, where they are rows.
 *
 * A text that ends within quotes, or in a last line with too few values and no line break, was cut off on the way.
 *
 * @see RFC 4180
 */
export function decodeCsv(text: string): JsonObject[] {
  if (text.trim() === '') throw new DecodeError('is empty, without even a line of column names', { text })
  const webPage = webPageReason(text)
  if (webPage) throw new DecodeError(webPage, { text })
  const records = parseRecords(text)
  const header = records.findIndex((values) => !isBlank(values))
  const names = columnNames(records[header] ?? [], lineOf(records, header))
  // Assignment is many times faster, and would lose a column of this name.
  const toRow = names.includes('__proto__') ? rowOfEntries : assignedRow
  const rows: JsonObject[] = []
  for (let at = header + 1; at < records.length; at++) {
    const values = records[at] ?? []
    if (names.length > 1 && isBlank(values)) continue
    if (values.length !== names.length) {
      const line = lineOf(records, at)
      const isTruncated = at === records.length - 1 && values.length < names.length && !/[\r\n]$/.test(text)
      const problem = `has a line ${line} with ${values.length} values, and ${names.length} columns`
      throw new DecodeError(problem, { isTruncated, text: values.join(','), line })
    }
    rows.push(toRow(names, values))
  }
  return rows
}

function rowOfEntries(names: readonly string[], values: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name, column) => [name, values[column] ?? '']))
}

function assignedRow(names: readonly string[], values: readonly string[]): JsonObject {
  const row: Record<string, string> = {}
  for (const [column, name] of names.entries()) row[name] = values[column] ?? ''
  return row
}

/** The library's objects are not used, because they lose columns; nor its `on_record`, which takes twice the time. */
function parseRecords(text: string): string[][] {
  try {
    return parse(text, { record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true })
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown
    const line = Number(thrown['lines'])
    if (thrown.code === 'CSV_QUOTE_NOT_CLOSED') {
      throw new DecodeError(`has quotes on line ${line} that are never closed`, { isTruncated: true, text, line })
    }
    throw new DecodeError(`has a line ${line} with a quote in the wrong place`, { text, line })
  }
}

function columnNames(names: readonly string[], line: number): readonly string[] {
  const seen = new Set<string>()
  const failure = (problem: string): DecodeError =>
    new DecodeError(`has ${problem} on line ${line}`, { text: names.join(','), line })
  for (const [at, name] of names.entries()) {
    if (name === '') throw failure(`no name for column ${at + 1}`)
    if (seen.has(name)) throw failure(`two columns "${name}"`)
    seen.add(name)
  }
  return names
}

function isBlank(values: readonly string[]): boolean {
  return values.length === 1 && values[0] === ''
}

/** The line that a record starts on: those before it have one each, and one more for each line break in their values. */
function lineOf(records: readonly (readonly string[])[], at: number): number {
  let line = 1
  for (const values of records.slice(0, at)) line += 1 + (values.join().match(/\r\n|\r|\n/g)?.length ?? 0)
  return line
}
