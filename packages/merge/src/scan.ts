import { quotePath } from './quote.ts'
import type { DuckDb } from './with-duckdb.ts'

/**
 * The rows of Parquet files as a SQL relation. A file that lacks a column which another one has gives nulls.
 *
 * `file_index` (the place of a file in `paths`) and `file_row_number` come with it as virtual columns.
 * Folder names like `year=2024` are names and no columns: what is no column of the data must not become one.
 */
export function scan(paths: readonly string[]): string {
  return `read_parquet([${paths.map(quotePath).join(', ')}], union_by_name = true, hive_partitioning = false)`
}

/** Names of the columns of files, in lower case: DuckDB compares them without it. */
export async function columnsOf(duckdb: DuckDb, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const described = await duckdb.rows(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${scan(paths)})`)
  return new Set(described.map(([name]) => String(name).toLowerCase()))
}
