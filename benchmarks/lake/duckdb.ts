import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/** Runs SQL in a DuckDB of its own, in memory, with times in UTC. */
export async function withDuckDb<Result>(
  use: (connection: DuckDBConnection) => Promise<Result>,
  config: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const instance = await DuckDBInstance.create(':memory:', config)
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    return await use(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** The rows of Parquet files, as what stands after FROM. */
export function parquet(paths: readonly string[]): string {
  return `read_parquet([${paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ')}])`
}
