import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Action {
  readonly add?: { readonly path: string; readonly partitionValues?: DeltaFile['partitionValues'] }
  readonly remove?: { readonly path: string }
}

export interface DeltaFile {
  /** Absolute. */
  readonly path: string
  readonly partitionValues: Readonly<Record<string, string | null>>
}

/** Absolute paths of the live Parquet files of a Delta table. */
export async function deltaFiles(table: string): Promise<string[]> {
  return (await deltaEntries(table)).map(({ path }) => path)
}

/**
 * The live Parquet files of a Delta table, by the letter of the protocol ("Action Reconciliation"), without any code of ours.
 */
export async function deltaEntries(table: string): Promise<DeltaFile[]> {
  const log = join(table, '_delta_log')
  const live = new Map<string, DeltaFile>()
  for (const commit of await deltaCommits(table)) {
    for (const line of (await readFile(join(log, commit), 'utf8')).trim().split('\n')) {
      const { add, remove } = JSON.parse(line) as Action
      if (remove) live.delete(remove.path)
      if (!add) continue
      const { path, partitionValues = {} } = add
      live.set(path, { path: join(table, decodeURIComponent(path)), partitionValues })
    }
  }
  return [...live.values()]
}

/** Names of the commits of a Delta table, oldest first. */
export async function deltaCommits(table: string): Promise<string[]> {
  return (await readdir(join(table, '_delta_log'))).filter((name) => /^\d{20}\.json$/.test(name)).sort()
}
