import type { ObjectStore } from '../store/object-store.ts'
import { isOfVersion, logFolder } from './log-names.ts'

/** Names of the folders of a lake that have a Delta log, in alphabetical order. None where there is no lake. */
export async function tableNames(lake: ObjectStore): Promise<readonly string[]> {
  const tables: string[] = []
  for (const name of await lake.folders('')) {
    if (name.startsWith('_') || name.startsWith('.')) continue
    if (await hasVersion(lake, `${name}/${logFolder}`)) tables.push(name)
  }
  return tables
}

/** Names of versions are digits, and what comes before digits in the alphabet are hidden files: mostly the first tells. */
async function hasVersion(lake: ObjectStore, log: string): Promise<boolean> {
  const [first] = await lake.list(log, { after: '0', limit: 1 })
  if (first === undefined || isOfVersion(first.name)) return first !== undefined
  return (await lake.list(log, { after: '0' })).some(({ name }) => isOfVersion(name))
}
