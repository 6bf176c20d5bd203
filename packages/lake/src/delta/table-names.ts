import type { ObjectStore } from '../store/object-store.ts'
import { logFolder } from './log-names.ts'

/** Names of the folders of a lake that have a Delta log, in alphabetical order. None where there is no lake. */
export async function tableNames(lake: ObjectStore): Promise<readonly string[]> {
  const tables: string[] = []
  for (const name of await lake.folders('')) {
    if (name.startsWith('_') || name.startsWith('.')) continue
    // Names of versions are digits, and what comes before digits in the alphabet are hidden files.
    const [first] = await lake.list(`${name}/${logFolder}`, { after: '0', limit: 1 })
    if (first && /^\d{20}\./.test(first.name)) tables.push(name)
  }
  return tables
}
