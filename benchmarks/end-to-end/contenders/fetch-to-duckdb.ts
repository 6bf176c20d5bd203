import { join } from 'node:path'
import { DuckDBInstance, DuckDBTimestampTZValue } from '@duckdb/node-api'
import { contend } from '../contend.ts'
import { fetchPages } from '../fetch-pages.ts'

/** By hand, into an embedded database: `fetch` and DuckDB's appender, for columns known beforehand. */
await contend(async (task) => {
  const instance = await DuckDBInstance.create(join(task.folder, 'rows.duckdb'))
  const connection = await instance.connect()
  await connection.run(`CREATE TABLE rows (
    id BIGINT, account_id BIGINT, quantity BIGINT, price DOUBLE, score DOUBLE, is_active BOOLEAN, is_verified BOOLEAN,
    country VARCHAR, email VARCHAR, note VARCHAR, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ)`)
  const appender = await connection.createAppender('rows')

  function appendTime(text: string): void {
    appender.appendTimestampTZ(new DuckDBTimestampTZValue(BigInt(Date.parse(text)) * 1000n))
  }
  function appendText(text: string | null): void {
    if (text === null) appender.appendNull()
    else appender.appendVarchar(text)
  }

  let rows = 0
  for await (const page of fetchPages(task)) {
    for (const row of page) {
      appender.appendBigInt(BigInt(row.id))
      if (row.account_id === null) appender.appendNull()
      else appender.appendBigInt(BigInt(row.account_id))
      appender.appendBigInt(BigInt(row.quantity))
      appender.appendDouble(row.price)
      appender.appendDouble(row.score)
      appender.appendBoolean(row.is_active)
      if (row.is_verified === null) appender.appendNull()
      else appender.appendBoolean(row.is_verified)
      appendText(row.country)
      appendText(row.email)
      appendText(row.note)
      appendTime(row.created_at)
      appendTime(row.updated_at)
      appender.endRow()
      rows += 1
    }
  }
  appender.closeSync()
  connection.closeSync()
  instance.closeSync()
  return rows
})
