import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { createConverter, fromArrow } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { readParquet, writeParquet } from '@millrace/parquet'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { withTempFolder } from '../../test/support/temp-folder.ts'
import { answerOf } from '../support/answer.ts'
import { compare, contender } from '../support/compare.ts'
import { makeRows } from '../support/make-rows.ts'
import { microBenchmark } from '../support/micro-benchmark.ts'

/** A Parquet file to rows: ours, hyparquet, DuckDB. */
const rows = [...makeRows(100_000)]

await microBenchmark('parquet/read-parquet', async function* (settings) {
  yield withTempFolder(async (folder) => {
    const path = join(folder, 'rows.parquet')
    await writeParquet(path)(one(createConverter().convert(rows)))
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run("SET TimeZone = 'UTC'")
    try {
      return await compare(
        { title: 'A Parquet file to rows', rows: rows.length, answer: answerOf(rows) },
        [
          contender({
            name: 'readParquet and fromArrow',
            run: async () => {
              const found: Row[] = []
              for await (const batch of readParquet(path)) for (const row of fromArrow(batch)) found.push(row)
              return found
            },
            check: answerOf,
          }),
          contender({
            name: 'hyparquet',
            run: async () => parquetReadObjects({ file: await asyncBufferFromFile(path), compressors }),
            check: (found) => answerOf(found.map(withTimesAsText)),
          }),
          contender({
            name: 'DuckDB, rows as JavaScript values',
            run: async () => {
              const reader = await connection.runAndReadAll(`FROM read_parquet('${path}')`)
              return reader.getRowObjectsJS()
            },
            check: (found) => answerOf(found.map(withTimesAsText)),
          }),
        ],
        settings,
      )
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
  })
})

function withTimesAsText(row: Row): Row {
  const text = (value: unknown): string => (value as Date).toISOString()
  return { ...row, created_at: text(row['created_at']), updated_at: text(row['updated_at']) }
}

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item
}
