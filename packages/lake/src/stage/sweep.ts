import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { namesIn } from '../disk/durable.ts'

/**
 * Removes files of a table's folder that begin with one of `prefixes` and that nobody needs: no commit ever named them.
 *
 * Only to be called right after a commit of the very stream that the prefixes are of. An older session that is still
 * alive, or a newer one that took the same stage over, can then not commit those files any more: the stream's transaction
 * has moved on. At any other moment such a session could be between its last look and its commit.
 *
 * What cannot be removed stays: it is seen by nobody.
 */
export async function sweep(
  table: string,
  prefixes: readonly string[],
  needed: { has(name: string): boolean },
): Promise<void> {
  const names = await namesIn(table).catch(() => [])
  for (const name of names) {
    if (needed.has(name) || !prefixes.some((prefix) => name.startsWith(prefix))) continue
    await rm(join(table, name), { force: true }).catch(() => {})
  }
}
