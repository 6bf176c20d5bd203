import { jsonText } from './json-text.ts'

/** Widest a cell is drawn; the rest is cut and marked by an ellipsis. */
const widestCell = 60

/**
 * Draws rows as text columns: numbers to the right, the rest to the left, cells cut where they are long, and columns
 * left out (and counted in the last line) where the terminal is too narrow.
 *
 * @param width Columns of the terminal. Default: no limit.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly unknown[])[],
  width: number = Number.POSITIVE_INFINITY,
): string {
  const cells = [header.map((name) => cut(name)), ...rows.map((row) => row.map((value) => cut(cellText(value))))]
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const right = header.map((_, column) =>
    rows.every((row) => ['number', 'bigint', 'undefined'].includes(typeof row[column]) || row[column] === null),
  )
  let shown = 0
  let used = 0
  while (shown < widths.length && used + (widths[shown] ?? 0) <= width) {
    used += (widths[shown] ?? 0) + 2
    shown += 1
  }
  shown = Math.max(shown, Math.min(1, widths.length))
  const lines = cells.map((row) =>
    row
      .slice(0, shown)
      .map((cell, column) => (right[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  const hidden = header.slice(shown)
  if (hidden.length > 0) lines.push(`(${hidden.length} more columns: ${hidden.join(', ')})`)
  return `${lines.join('\n')}\n`
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  if (typeof value === 'object') return jsonText(value)
  return String(value)
}

// Control characters of an API must not steer the reader's terminal.
function cut(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
  return line.length > widestCell ? `${line.slice(0, widestCell - 1)}…` : line
}
