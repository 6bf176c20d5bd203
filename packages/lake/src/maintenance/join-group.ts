import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileStatistics, joinFiles, type SpillOptions } from '@millrace/merge'
import type { Schema } from 'apache-arrow'
import type { Action } from '../delta/actions.ts'
import { checkContent } from '../delta/content-digest.ts'
import { type AdditionOptions, addition } from '../delta/file-actions.ts'
import { partitionConstants } from '../delta/partition-columns.ts'
import { columnsWithStats, statsTextLength } from '../delta/stats.ts'
import { digestBytes } from '../disk/digest-bytes.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { type FileGroup, sortTags } from './choose-groups.ts'

export interface JoinGroupOptions extends SpillOptions {
  readonly store: ObjectStore
  readonly table: string
  readonly schema: Schema
  readonly partitions: Schema
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

/** Writes the rows of a group of files, all of one partition, into as few as they fit in. */
export async function joinGroup(from: FileGroup, options: JoinGroupOptions): Promise<JoinedGroup> {
  const { table, store, schema, partitions, sortBy, targetBytes, workFolder, id, nextName, memoryLimit } = options
  const [, first] = from[0] ?? []
  if (!first) throw new RangeError('joinGroup: a group has at least one file')
  const constants = partitionConstants(partitions, first, table)
  const folder = join(workFolder, 'joined')
  // What is wrong in a file must not be written anew as if it were right; and where reading fails, that is why.
  const check = async (): Promise<void> => {
    for (const [name, file] of from) await checkContent(store, name, file)
  }
  const written = await joinFiles({
    schema,
    paths: from.map(([name]) => store.locate(name)),
    constants,
    sortBy,
    ...(sortBy.length > 0 ? { fileBytes: targetBytes } : {}),
    folder,
    spillFolder: join(workFolder, 'spill'),
    statistics: { columns: columnsWithStats(schema, sortBy, Object.keys(constants)), textLength: statsTextLength },
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
    const { partitionValues } = first
    additions.push(await publish(file, name, options, { partitionValues, tags: sortTags(sortBy, id) }))
  }
  await rm(folder, { recursive: true, force: true })
  return { from, names, additions, rows: sum(written, 'rows'), bytes: sum(written, 'bytes') }
}

async function publish(
  file: FileStatistics,
  name: string,
  { store, schema }: JoinGroupOptions,
  entry: Pick<AdditionOptions, 'partitionValues' | 'tags'>,
): Promise<Action> {
  const { sha256 } = await digestBytes(createReadStream(file.path))
  await store.publish(file.path, name)
  return addition(file, schema, { ...entry, name, sha256, modifiedAt: Date.now(), dataChange: false })
}

function sum(files: readonly FileStatistics[], what: 'rows' | 'bytes'): number {
  return files.reduce((total, file) => total + file[what], 0)
}
