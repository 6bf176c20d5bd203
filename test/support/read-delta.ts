import { DuckDBInstance } from '@duckdb/node-api'
import { deltaCommits, deltaFiles } from './delta-files.ts'

export interface DeltaTable {
  readonly version: number
  /** Absolute paths of the live Parquet files. */
  readonly files: readonly string[]
  /** Rows as DuckDB gives them as JSON: int64 as digits in a string, timestamps as ISO text. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/**
 * Reads a Delta table without any code of ours: the log replayed by the letter of the protocol ("Action Reconciliation"),
 * the Parquet files by DuckDB.
 *
 * @param order SQL the rows are ordered by.
 */
export async function readDelta(table: string, order = '1'): Promise<DeltaTable> {
  const commits = await deltaCommits(table)
  const files = await deltaFiles(table)
  const rows = files.length === 0 ? [] : await readParquetFiles(files, order)
  return { version: commits.length - 1, files, rows }
}

async function readParquetFiles(files: readonly string[], order: string): Promise<DeltaTable['rows']> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ')
    const reader = await connection.runAndReadAll(
      `SELECT * FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false) ORDER BY ${order}`,
    )
    return reader.getRowObjectsJson() as DeltaTable['rows']
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
