import { createConverter } from '@millrace/arrow'
import { type ParquetEncoder, parquetjsLite, parquetWasm } from '@millrace/parquet'
import { parquetMetadata } from 'hyparquet'
import { compare } from '../support/compare.ts'
import { makeRows } from '../support/rows.ts'

/** One record batch to the bytes of a Parquet file, by each encoder; the row count is read back by hyparquet. */
const rows = makeRows(50_000)
const batch = createConverter().convert(rows)

function encode(encoder: ParquetEncoder, compression: 'zstd' | 'snappy'): () => Promise<number> {
  return async () => {
    const parts: Uint8Array[] = []
    for await (const part of encoder.encode(batch.schema, [batch], { compression })) parts.push(part)
    const bytes = Buffer.concat(parts)
    return Number(parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)).num_rows)
  }
}

await compare('Arrow to Parquet', rows.length, rows.length, [
  { name: 'parquetWasm, zstd', run: encode(parquetWasm(), 'zstd') },
  { name: 'parquetWasm, snappy', run: encode(parquetWasm(), 'snappy') },
  { name: 'parquetjsLite, snappy', run: encode(parquetjsLite(), 'snappy') },
])
