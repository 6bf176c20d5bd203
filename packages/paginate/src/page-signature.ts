/** Rows looked at per page. Enough to tell real pages apart, few enough to cost nothing next to decoding the page. */
const sampledRows = 16

/**
 * A text that two pages share only where they look the same: the number of rows and a sample spread over the page, the
 * first and the last row included.
 *
 * A text of its own rather than the rows themselves: whoever takes a page may change its rows.
 */
export function pageSignature(rows: readonly unknown[]): string {
  const last = rows.length - 1
  const samples = Math.min(sampledRows, rows.length)
  let text = `${rows.length}`
  for (let i = 0; i < samples; i++) {
    const row = rows[samples === 1 ? 0 : Math.round((i * last) / (samples - 1))]
    text += `\n${JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))}`
  }
  return text
}
