import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { createConverter } from '@millrace/arrow'
import { type ParquetEncoder, parquetjsLite, parquetWasm, writeParquet } from '@millrace/parquet'
import { withTempFolder } from '../../test/support/temp-folder.ts'
import { answerOf } from '../support/answer.ts'
import { type Contender, compare, contender } from '../support/compare.ts'
import { makeRows } from '../support/make-rows.ts'
import { microBenchmark } from '../support/micro-benchmark.ts'
import { queryAnswer } from '../support/query-answer.ts'

/** One record batch to a Parquet file, by each encoder and, as the ceiling, by DuckDB from its own tables. */
const rows = [...makeRows(100_000)]
const batch = createConverter().convert(rows)
type Compression = 'zstd' | 'snappy'

function encoded(name: string, encoder: ParquetEncoder, compression: Compression, path: string): Contender {
  return contender({
    name: `${name}, ${compression}`,
    run: async () => {
      const parts: Uint8Array[] = []
      for await (const part of encoder.encode(batch.schema, [batch], { compression })) parts.push(part)
      await writeFile(path, parts)
    },
    check: () => queryAnswer({ from: `read_parquet('${path}')` }),
  })
}

function copied(connection: DuckDBConnection, compression: Compression, path: string): Contender {
  return contender({
    name: `COPY of DuckDB, ${compression}`,
    run: async () => {
      await connection.run(`COPY loaded TO '${path}' (FORMAT parquet, COMPRESSION ${compression})`)
    },
    check: () => queryAnswer({ from: `read_parquet('${path}')` }),
  })
}

await microBenchmark('parquet/encoders', async function* (settings) {
  yield withTempFolder(async (folder) => {
    const path = join(folder, 'rows.parquet')
    const source = join(folder, 'source.parquet')
    await writeParquet(source)(one(batch))
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run("SET TimeZone = 'UTC'")
    await connection.run(`CREATE TABLE loaded AS FROM read_parquet('${source}')`)
    try {
      const job = { title: 'Columns to a Parquet file', rows: rows.length, answer: answerOf(rows) }
      const notes = [
        'DuckDB starts from a table of its own, in memory, and uses all cores; ours start from a record batch.',
      ]
      return await compare(
        { ...job, notes },
        [
          encoded('parquetWasm', parquetWasm(), 'zstd', path),
          encoded('parquetWasm', parquetWasm(), 'snappy', path),
          encoded('parquetjsLite', parquetjsLite(), 'snappy', path),
          copied(connection, 'zstd', path),
          copied(connection, 'snappy', path),
        ],
        settings,
      )
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
  })
})

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item
}
