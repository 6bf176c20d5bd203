import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Manifest, readJson } from './source-tree.ts'

/** One installed package. */
export interface Installed {
  readonly name: string
  readonly folder: string
  readonly manifest: Manifest
}

/** Finds an installed package as Node does: in `node_modules` here, or in a folder above. */
function locate(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (dirname(folder) === folder) return undefined
  }
}

/**
 * Everything that installing the given folders brings to a user, as it is installed here.
 *
 * Optional dependencies of other platforms are not installed, and so not in it.
 */
export async function productionClosure(folders: readonly string[]): Promise<Installed[]> {
  const found = new Map<string, Installed>()
  const queue = [...folders]
  for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
    const { dependencies, optionalDependencies, peerDependencies } = await readJson<Manifest>(from, 'package.json')
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const link = locate(name, from)
      if (link === undefined) {
        if (name in (dependencies ?? {}) && !(name in (optionalDependencies ?? {}))) {
          throw new Error(`${from} depends on ${name}, which is not installed`)
        }
        continue
      }
      const folder = await realpath(link)
      if (found.has(folder)) continue
      found.set(folder, { name, folder, manifest: await readJson<Manifest>(folder, 'package.json') })
      queue.push(folder)
    }
  }
  return [...found.values()]
}
