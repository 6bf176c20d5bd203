import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { deltaFiles } from '../../../test/support/delta-files.ts'
import { contend } from '../../support/contend.ts'
import { parquet, withDuckDb } from '../duckdb.ts'
import { tableName } from '../make-lake.ts'
import { primaryKey } from '../orders.ts'

/** What one does without a table format: DuckDB writes all rows anew, the old ones that stay and those that come. */
await contend(async ([folder = '', changes = '', memoryLimit = '1GB']) => {
  const old = parquet(await deltaFiles(join(folder, 'lake', tableName)))
  const come = parquet([changes])
  const to = join(folder, 'rewritten')
  await mkdir(to)
  return withDuckDb(
    async (duckdb) => {
      const copied = await duckdb.runAndReadAll(
        `COPY (FROM ${old} WHERE ${primaryKey} NOT IN (SELECT ${primaryKey} FROM ${come}) UNION ALL FROM ${come})
         TO '${join(to, 'all.parquet')}' (FORMAT parquet, COMPRESSION zstd)`,
      )
      return Number(copied.getRows()[0]?.[0])
    },
    { memory_limit: memoryLimit, temp_directory: join(folder, 'spill') },
  )
})
