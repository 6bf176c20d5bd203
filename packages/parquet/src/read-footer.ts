import { MillraceError } from '@millrace/core'

/** `PAR1`, the last four bytes of every Parquet file; the four before them are the length of the footer. */
const magic = 0x31524150
const trailerBytes = 8

/** What a Parquet file says of itself. */
export interface Footer {
  readonly rows: number
  readonly rowGroups: number
}

/**
 * Reads how many rows and row groups a Parquet file says it has.
 *
 * Ours, because the library that reads files can end the process where a footer is damaged.
 *
 * @param tail The end of the file, footer included.
 * @throws {MillraceError} `E_PARQUET` where the bytes do not end in a whole footer.
 * @see Apache Parquet format, "File format" and `FileMetaData` in parquet.thrift; Thrift compact protocol
 */
export function readFooter(tail: Uint8Array): Footer {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  const end = tail.length - trailerBytes
  if (end < 0 || view.getUint32(end + 4, true) !== magic || view.getUint32(end, true) > end) throw noFooter()
  const footer = new CompactReader(tail.subarray(end - view.getUint32(end, true), end))
  let rows: number | undefined
  for (let field = footer.field(0); field.id !== 0; field = footer.field(field.id)) {
    if (field.id === rowGroupsField && rows !== undefined) return { rows, rowGroups: footer.listSize() }
    if (field.id === rowsField) rows = Number(footer.integer())
    else footer.skip(field.type)
  }
  throw noFooter()
}

/** Of `FileMetaData`, whose fields are written in order: 1 version, 2 schema, 3 rows, 4 row groups. */
const rowsField = 3
const rowGroupsField = 4

function noFooter(): MillraceError {
  return new MillraceError(
    'E_PARQUET',
    'the bytes do not end in the footer of a Parquet file: it is no such file, or was cut off or damaged',
  )
}

/** As much of the Thrift compact protocol as it takes to walk past fields nobody asked for. */
class CompactReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The next field of a struct; id 0 is its end. */
  field(before: number): { readonly id: number; readonly type: number } {
    const header = this.#byte()
    if (header === 0) return { id: 0, type: 0 }
    const delta = header >> 4
    return { id: delta === 0 ? Number(this.integer()) : before + delta, type: header & 15 }
  }

  /** A zigzag integer. */
  integer(): bigint {
    const value = this.#varint()
    return (value >> 1n) ^ -(value & 1n)
  }

  skip(type: number): void {
    if (type === 3) this.#skipBytes(1)
    else if (type >= 4 && type <= 6) this.#varint()
    else if (type === 7) this.#skipBytes(8)
    else if (type === 8) this.#skipBytes(Number(this.#varint()))
    else if (type === 9 || type === 10) this.#skipList()
    else if (type === 12)
      for (let field = this.field(0); field.id !== 0; field = this.field(field.id)) this.skip(field.type)
    else if (type !== 1 && type !== 2) throw noFooter() // 1 and 2 are true and false: no bytes of their own
  }

  #skipBytes(count: number): void {
    this.#at += count
  }

  /** The number of items of a list, which stand right after it. */
  listSize(): number {
    return this.#list().size
  }

  #list(): { readonly size: number; readonly type: number } {
    const header = this.#byte()
    return { size: header >> 4 === 15 ? Number(this.#varint()) : header >> 4, type: header & 15 }
  }

  #skipList(): void {
    const { size, type } = this.#list()
    for (let i = 0; i < size; i++) type <= 2 ? this.#byte() : this.skip(type)
  }

  #varint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw noFooter()
    this.#at += 1
    return byte
  }
}
