import type { Schema } from 'apache-arrow'
import { quotePath, quoteText } from './quote.ts'
import { aliasOf, type ScannedFile, typedScan } from './typed-scan.ts'
import type { DuckDb } from './with-duckdb.ts'

/** Where a merge writes which of its rows come and go, for the tables of what is nested in them. */
export interface ChangedRoots {
  /** The column with the ids of the rows. */
  readonly column: string
  /** A Parquet file that is not there yet. It is not synced: whoever dies before it is used makes it again. */
  readonly path: string
}

/** Writes the ids of all rows that come or go. Returns how many there are; where there is none, there is no file. */
export async function writeChangedRoots(
  duckdb: DuckDb,
  schema: Schema,
  { column, path }: ChangedRoots,
  scans: { readonly staged: string; readonly live: readonly ScannedFile[] },
): Promise<number> {
  const id = aliasOf(schema, column)
  if (id === undefined) return 0
  const came = `SELECT ${id} AS id, true AS comes FROM ${scans.staged} SEMI JOIN comes USING (ordinal)`
  const went = `SELECT ${id}, false FROM ${await typedScan(duckdb, scans.live, schema)} SEMI JOIN gone USING (file, row)`
  await duckdb.run(
    `CREATE TEMP TABLE roots AS SELECT id, bool_or(comes) AS comes FROM (${came} UNION ALL ${went}) WHERE id IS NOT NULL GROUP BY id`,
  )
  const [counted] = await duckdb.rows('SELECT count(*) FROM roots')
  const count = Number(counted?.[0])
  if (count > 0) await duckdb.run(`COPY roots TO ${quoteText(path)} (FORMAT parquet, USE_TMP_FILE false)`)
  return count
}

/** The ids that {@link writeChangedRoots} wrote, as a SQL relation of `id` and `comes`. */
export function changedRoots(path: string): string {
  return `read_parquet(${quotePath(path)})`
}
