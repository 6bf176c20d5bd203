import { stat } from 'node:fs/promises'
import type { ScannedFile } from './typed-scan.ts'
import type { DuckDb } from './with-duckdb.ts'

/** Rows and bytes up to which files are joined: those of a staged file of a lake. Larger files would be written again for less. */
export const joinedRows = 100_000
export const joinedBytes = 67_108_864

/**
 * Live files that are written again, in groups that become one file each. Small files would otherwise become more with every
 * merge that spreads over all keys, and each be written again by the next: 80 merges of 1,000 rows took up to 7 times as long.
 *
 * @param scan - The `typedScan` of all candidates.
 * @param files - Indexes of those to write, in order.
 */
export async function groupFiles(
  duckdb: DuckDb,
  candidates: readonly ScannedFile[],
  scan: string,
  files: readonly number[],
): Promise<readonly (readonly number[])[]> {
  if (files.length < 2) return files.map((file) => [file])
  const counted = await duckdb.rows(
    `SELECT file, count(*) FROM ${scan} WHERE file IN (${files.join(', ')}) GROUP BY file`,
  )
  const rowsOf = new Map(counted.map(([file, rows]) => [Number(file), Number(rows)]))
  const groups: number[][] = []
  let open = { rows: Number.POSITIVE_INFINITY, bytes: 0 }
  for (const file of files) {
    const rows = rowsOf.get(file) ?? 0
    const bytes = (await stat(candidates[file]?.path ?? '')).size
    const joined = { rows: open.rows + rows, bytes: open.bytes + bytes }
    const fits = joined.rows <= joinedRows && joined.bytes <= joinedBytes
    if (fits) groups.at(-1)?.push(file)
    else groups.push([file])
    open = fits ? joined : { rows, bytes }
  }
  return groups
}
