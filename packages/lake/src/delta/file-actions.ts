import type { FileStatistics } from '@millrace/merge'
import type { Schema } from 'apache-arrow'
import type { Action, AddFile } from './actions.ts'
import { digestTags } from './content-digest.ts'
import { formatStats } from './stats.ts'

/** What a commit says of a file beside what is in it. */
export interface AdditionOptions {
  /** In the table's folder. */
  readonly name: string
  readonly sha256: string
  /** Values of the columns that the table is partitioned by. */
  readonly partitionValues: AddFile['partitionValues']
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** False where the rows were there before, in other files. */
  readonly dataChange: boolean
  /** Beside the digest. */
  readonly tags?: AddFile['tags']
}

/** @see Delta Lake protocol, "Add File and Remove File" */
export function addition(
  file: FileStatistics,
  schema: Schema,
  { name, sha256, partitionValues, modifiedAt, dataChange, tags }: AdditionOptions,
): Action {
  return {
    add: {
      path: encodeURIComponent(name),
      partitionValues,
      size: file.bytes,
      modificationTime: modifiedAt,
      dataChange,
      stats: formatStats(file, schema),
      tags: { ...digestTags(sha256), ...tags },
    },
  }
}

/** @param now - Milliseconds since 1970. */
export function removal({ path, partitionValues, size }: AddFile, now: number, dataChange: boolean): Action {
  return { remove: { path, deletionTimestamp: now, dataChange, extendedFileMetadata: true, partitionValues, size } }
}
