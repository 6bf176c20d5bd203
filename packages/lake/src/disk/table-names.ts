import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, logFolder } from '../delta/log.ts'
import { namesIn } from './durable.ts'
import { onDisk } from './storage-error.ts'

/** Names of the folders of a lake that have a Delta log, in alphabetical order. None where there is no lake. */
export async function tableNames(lake: string): Promise<readonly string[]> {
  return onDisk('list', lake, async () => {
    const folders = await readdir(lake, { withFileTypes: true }).catch((thrown: unknown) => {
      if (isMissing(thrown)) return []
      throw thrown
    })
    const tables: string[] = []
    for (const { name } of folders.filter((entry) => entry.isDirectory() || entry.isSymbolicLink())) {
      if (name.startsWith('_') || name.startsWith('.')) continue
      const commits = await namesIn(logFolder(join(lake, name)))
      if (commits.some((commit) => /^\d{20}\./.test(commit))) tables.push(name)
    }
    return tables.sort()
  })
}
