import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileStatistics, joinFiles, type SpillOptions } from '@millrace/merge'
import type { Schema } from 'apache-arrow'
import type { Action } from '../delta/actions.ts'
import { checkContent } from '../delta/content-digest.ts'
import { addition } from '../delta/file-actions.ts'
import { columnsWithStats, statsTextLength } from '../delta/stats.ts'
import { digestBytes } from '../disk/digest-bytes.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { type FileGroup, sortTags } from './choose-groups.ts'

export interface JoinGroupOptions extends SpillOptions {
  readonly store: ObjectStore
  readonly schema: Schema
  readonly sortBy: readonly string[]
  readonly targetBytes: number
  /** On the disk of the table: what is made is renamed into place. */
  readonly workFolder: string
  /** Of this very work, and of no other. */
  readonly id: string
  readonly nextName: () => string
}

/** Files that can take the place of others: under their final names, and in no log yet. */
export interface JoinedGroup {
  readonly from: FileGroup
  readonly names: readonly string[]
  readonly additions: readonly Action[]
  readonly rows: number
  readonly bytes: number
}

/** Writes the rows of a group of files into as few as they fit in. */
export async function joinGroup(from: FileGroup, options: JoinGroupOptions): Promise<JoinedGroup> {
  const { store, schema, sortBy, targetBytes, workFolder, id, nextName, memoryLimit } = options
  const folder = join(workFolder, 'joined')
  // What is wrong in a file must not be written anew as if it were right; and where reading fails, that is why.
  const check = async (): Promise<void> => {
    for (const [name, file] of from) await checkContent(store, name, file)
  }
  const written = await joinFiles({
    schema,
    paths: from.map(([name]) => store.locate(name)),
    sortBy,
    ...(sortBy.length > 0 ? { fileBytes: targetBytes } : {}),
    folder,
    spillFolder: join(workFolder, 'spill'),
    statistics: { columns: columnsWithStats(schema, sortBy), textLength: statsTextLength },
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  }).catch(async (thrown: unknown) => {
    await check()
    throw thrown
  })
  await check()
  const names: string[] = []
  const additions: Action[] = []
  for (const file of written) {
    const name = nextName()
    names.push(name)
    additions.push(await publish(file, name, options, sortTags(sortBy, id)))
  }
  await rm(folder, { recursive: true, force: true })
  return { from, names, additions, rows: sum(written, 'rows'), bytes: sum(written, 'bytes') }
}

async function publish(
  file: FileStatistics,
  name: string,
  { store, schema }: JoinGroupOptions,
  tags: Readonly<Record<string, string>>,
): Promise<Action> {
  const { sha256 } = await digestBytes(createReadStream(file.path))
  await store.publish(file.path, name)
  return addition(file, schema, { name, sha256, modifiedAt: Date.now(), dataChange: false, tags })
}

function sum(files: readonly FileStatistics[], what: 'rows' | 'bytes'): number {
  return files.reduce((total, file) => total + file[what], 0)
}
