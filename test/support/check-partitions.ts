import { DuckDBInstance } from '@duckdb/node-api'
import * as assert from 'uvu/assert'
import { deltaEntries } from './delta-files.ts'

/**
 * Holds each live file of a Delta table to what the log says of its partition, as DuckDB reads both. Returns the partitions,
 * as JSON, with their rows; none of a table that is not partitioned.
 */
export async function checkPartitions(table: string): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  const entries = await deltaEntries(table)
  if (entries.every(({ partitionValues }) => Object.keys(partitionValues).length === 0)) return found
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    for (const { path, partitionValues } of entries) {
      const file = `read_parquet('${path.replaceAll("'", "''")}', hive_partitioning = false)`
      const values = Object.entries(partitionValues).map(([name, value]) => {
        const column = `"${name.replaceAll('"', '""')}"`
        const text = value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`
        return `${column} IS NOT DISTINCT FROM ${text}`
      })
      const reader = await connection.runAndReadAll(
        `SELECT count(*), count(*) FILTER (WHERE ${values.join(' AND ') || 'true'}) FROM ${file}`,
      )
      const [[rows, inside] = []] = reader.getRows().map((row) => row.map(Number))
      assert.is(inside, rows, `rows of ${path} are not all in its partition ${JSON.stringify(partitionValues)}`)
      const key = JSON.stringify(partitionValues)
      found.set(key, (found.get(key) ?? 0) + (rows ?? 0))
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  return found
}
