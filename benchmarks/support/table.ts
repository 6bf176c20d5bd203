/** What a benchmark has to show. Cells are ready to read; the first column is text, the others are numbers. */
export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What one has to know to read it. */
  readonly notes?: readonly string[]
}

/** For a terminal. */
export function plainTable({ title, head, rows, notes = [] }: Table): string {
  const lines = aligned(head, rows).map((cells) => `  ${cells.join('  ')}`.trimEnd())
  return [title, ...lines, ...notes.map((note) => `  ${note}`)].join('\n')
}

/** For a README, padded so that it can be read as text too. */
export function markdownTable({ title, head, rows, notes = [] }: Table, level = '##'): string {
  const [first = [], ...others] = aligned(head, rows)
  const rule = first.map((cell, column) => (column === 0 ? '-'.repeat(cell.length) : `${'-'.repeat(cell.length - 1)}:`))
  const lines = [first, rule, ...others].map((cells) => `| ${cells.join(' | ')} |`)
  return [`${level} ${title}`, '', ...lines, ...notes.flatMap((note) => ['', note])].join('\n')
}

function aligned(head: readonly string[], rows: readonly (readonly string[])[]): string[][] {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0), 3))
  return [head, ...rows].map((cells) =>
    widths.map((width, column) =>
      column === 0 ? (cells[column] ?? '').padEnd(width) : (cells[column] ?? '').padStart(width),
    ),
  )
}
