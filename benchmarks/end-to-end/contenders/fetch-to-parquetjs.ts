import { join } from 'node:path'
import parquet from 'parquetjs-lite'
import { contend } from '../contend.ts'
import { fetchPages } from '../fetch-pages.ts'

/** By hand, the Parquet library that one finds first: `fetch` and `parquetjs-lite`, for columns known beforehand. */
const compression = 'SNAPPY'
const schema = new parquet.ParquetSchema({
  id: { type: 'INT64', compression },
  account_id: { type: 'INT64', optional: true, compression },
  quantity: { type: 'INT64', compression },
  price: { type: 'DOUBLE', compression },
  score: { type: 'DOUBLE', compression },
  is_active: { type: 'BOOLEAN', compression },
  is_verified: { type: 'BOOLEAN', optional: true, compression },
  country: { type: 'UTF8', compression },
  email: { type: 'UTF8', optional: true, compression },
  note: { type: 'UTF8', optional: true, compression },
  created_at: { type: 'TIMESTAMP_MILLIS', compression },
  updated_at: { type: 'TIMESTAMP_MILLIS', compression },
})

await contend(async (task) => {
  const writer = await parquet.ParquetWriter.openFile(schema, join(task.folder, 'rows.parquet'))
  let rows = 0
  for await (const page of fetchPages(task)) {
    for (const row of page) {
      await writer.appendRow({ ...row, created_at: new Date(row.created_at), updated_at: new Date(row.updated_at) })
      rows += 1
    }
  }
  await writer.close()
  return rows
})
