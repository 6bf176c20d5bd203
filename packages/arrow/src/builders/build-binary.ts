import { type Binary, type Data, makeData } from 'apache-arrow'
import { fromBase64 } from '../base64.ts'
import { type Cells, cellAt } from './cells.ts'
import { checkColumnBytes } from './column-bytes.ts'
import { Validity } from './validity.ts'

/** Bytes: texts in base64 that would be written the same again. */
export function buildBinary(type: Binary, { rows, key }: Cells): Data | undefined {
  const { length } = rows
  const valueOffsets = new Int32Array(length + 1)
  const validity = new Validity(length)
  const parts: Uint8Array[] = []
  let end = 0
  for (let r = 0; r < length; r++) {
    const value = cellAt(rows, key, r)
    if (value === null || value === undefined) validity.setNull(r)
    else {
      const bytes = typeof value === 'string' ? fromBase64(value) : undefined
      if (bytes === undefined) return undefined
      parts.push(bytes)
      end += bytes.length
    }
    valueOffsets[r + 1] = end
  }
  checkColumnBytes(end)
  const data = new Uint8Array(end)
  let at = 0
  for (const part of parts) {
    data.set(part, at)
    at += part.length
  }
  const { nullCount, nullBitmap } = validity
  return makeData({ type, length, valueOffsets, data, nullCount, nullBitmap })
}
