import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Action {
  readonly add?: { readonly path: string }
  readonly remove?: { readonly path: string }
}

/**
 * Absolute paths of the live Parquet files of a Delta table, by the letter of the protocol ("Action Reconciliation"),
 * without any code of ours.
 */
export async function deltaFiles(table: string): Promise<string[]> {
  const log = join(table, '_delta_log')
  const live = new Set<string>()
  for (const commit of await deltaCommits(table)) {
    for (const line of (await readFile(join(log, commit), 'utf8')).trim().split('\n')) {
      const { add, remove } = JSON.parse(line) as Action
      if (remove) live.delete(remove.path)
      if (add) live.add(add.path)
    }
  }
  return [...live].map((path) => join(table, decodeURIComponent(path)))
}

/** Names of the commits of a Delta table, oldest first. */
export async function deltaCommits(table: string): Promise<string[]> {
  return (await readdir(join(table, '_delta_log'))).filter((name) => /^\d{20}\.json$/.test(name)).sort()
}
