import { stat } from 'node:fs/promises'
import type { ScannedFile } from './typed-scan.ts'
import type { DuckDb } from './with-duckdb.ts'

/** Rows and bytes up to which files are joined: those of a staged file of a lake. Larger files would be written again for less. */
export const joinedRows = 100_000
export const joinedBytes = 67_108_864

/**
 * Live files that are written again, in groups that become one file each. Small files would otherwise become more with every
 * merge that spreads over all keys, and each be written again by the next: 80 merges of 1,000 rows took up to 7 times as long.
 * Only files of the same constants are joined.
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
  const open = new Map<string, { readonly group: number[]; readonly rows: number; readonly bytes: number }>()
  for (const file of files) {
    const { path = '', constants = {} } = candidates[file] ?? {}
    const kind = JSON.stringify(Object.entries(constants))
    const rows = rowsOf.get(file) ?? 0
    const { size: bytes } = await stat(path)
    const last = open.get(kind)
    if (last && last.rows + rows <= joinedRows && last.bytes + bytes <= joinedBytes) {
      last.group.push(file)
      open.set(kind, { group: last.group, rows: last.rows + rows, bytes: last.bytes + bytes })
    } else {
      const group = [file]
      groups.push(group)
      open.set(kind, { group, rows, bytes })
    }
  }
  return groups
}
