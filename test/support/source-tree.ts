import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout: tests run from `.build/test`. */
export const root: string = fileURLToPath(new URL('../../..', import.meta.url))

export interface Manifest {
  readonly name: string
  readonly description?: string
  readonly license?: string
  readonly type?: string
  readonly engines?: { readonly node?: string }
  readonly exports?: Readonly<Record<string, unknown>>
  readonly files?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

export interface SourceFile {
  /** From the root of the checkout, with `/`. */
  readonly path: string
  readonly text: string
}

export interface SourcePackage {
  /** Such as `packages/core`. */
  readonly folder: string
  readonly manifest: Manifest
  /** Everything below `src`. */
  readonly files: readonly SourceFile[]
}

export async function readJson<T>(...path: string[]): Promise<T> {
  return JSON.parse(await readFile(join(...path), 'utf8')) as T
}

/** Paths of all files below a folder of the checkout, from the root, sorted. Empty when there is no such folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  if (!existsSync(join(root, folder))) return []
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}

export async function readPackages(): Promise<SourcePackage[]> {
  const folders = (await readdir(join(root, 'packages'))).sort().map((name) => `packages/${name}`)
  return Promise.all(
    folders.map(async (folder) => ({
      folder,
      manifest: await readJson<Manifest>(root, folder, 'package.json'),
      files: await Promise.all(
        (await filesBelow(`${folder}/src`)).map(async (path) => ({
          path,
          text: await readFile(join(root, path), 'utf8'),
        })),
      ),
    })),
  )
}

/** Dependencies that come from outside the workspace. */
export function thirdParty(manifest: Manifest): string[] {
  return Object.entries(manifest.dependencies ?? {})
    .filter(([, version]) => !version.startsWith('workspace:'))
    .map(([name]) => name)
    .sort()
}

/** Dependencies on packages of the workspace. */
export function workspace(manifest: Manifest): string[] {
  return Object.entries(manifest.dependencies ?? {})
    .filter(([, version]) => version.startsWith('workspace:'))
    .map(([name]) => name)
    .sort()
}
