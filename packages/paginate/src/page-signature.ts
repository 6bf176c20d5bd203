/** Rows looked at per page. Enough to tell real pages apart, few enough to cost nothing next to decoding the page. */
const sampledRows = 16

/**
 * A short text that two pages share only where they look the same: the number of rows and a digest of a sample spread
 * over the page, the first and the last row included.
 *
 * A text of its own rather than the rows themselves: whoever takes a page may change its rows. Short, because it is part
 * of a position.
 */
export function pageSignature(rows: readonly unknown[]): string {
  const last = rows.length - 1
  const samples = Math.min(sampledRows, rows.length)
  let text = ''
  for (let i = 0; i < samples; i++) {
    text += `\n${textOf(rows[samples === 1 ? 0 : Math.round((i * last) / (samples - 1))])}`
  }
  return `${rows.length}-${digest(text)}`
}

/** A short text that two rows share only where all their values are the same. */
export function rowSignature(row: unknown): string {
  return digest(textOf(row))
}

function textOf(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

/** 64 bits in hexadecimal: two multiplicative hashes of 32 bits, each mixed at the end. No protection against intent. */
function digest(text: string): string {
  let one = 0x811c9dc5
  let other = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    one = Math.imul(one ^ unit, 0x01000193)
    other = Math.imul(other ^ unit, 0x85ebca6b)
  }
  return hexadecimal(one) + hexadecimal(other)
}

function hexadecimal(hash: number): string {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((mixed ^ (mixed >>> 13)) >>> 0).toString(16).padStart(8, '0')
}
