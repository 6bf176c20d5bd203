import { MillraceError } from '@millrace/core'
import { readParquet } from '@millrace/parquet'
import type { ObjectStore } from '../store/object-store.ts'
import { type Action, checkAction } from './actions.ts'
import { checkpointSchema } from './checkpoint-schema.ts'
import { columnReader } from './checkpoint-value.ts'
import type { CheckpointEntry } from './list-log.ts'
import { lastCheckpointName, logFolder } from './log-names.ts'
import { isAsSealed } from './seal.ts'

/**
 * The actions of a checkpoint, of one file or several. Undefined where a file is gone since it was listed.
 *
 * @throws {MillraceError} `E_CORRUPT` naming the file, where it is no checkpoint, or not the one that we wrote.
 */
export async function readCheckpoint(
  table: ObjectStore,
  { names }: CheckpointEntry,
): Promise<readonly Action[] | undefined> {
  const actions: Action[] = []
  for (const each of names) {
    const name = `${logFolder}/${each}`
    const bytes = await table.get(name)
    if (!bytes) return undefined
    for (const action of await decode(bytes, table.locate(name))) actions.push(action)
  }
  return actions
}

async function decode(bytes: Uint8Array, path: string): Promise<readonly Action[]> {
  if (!isAsSealed(bytes)) throw corrupt(path, 'is not as it was written')
  const actions: Action[] = []
  try {
    for await (const batch of readParquet(bytes)) {
      const columns = checkpointSchema.fields.flatMap(({ name }): [string, (row: number) => unknown][] => {
        const vector = batch.getChild(name)
        return vector ? [[name, columnReader(vector)]] : []
      })
      for (let row = 0; row < batch.numRows; row++) {
        const action: Record<string, unknown> = {}
        for (const [name, read] of columns) {
          const value = read(row)
          if (value !== undefined) action[name] = value
        }
        checkAction(action, path, actions.length)
        actions.push(action)
      }
    }
  } catch (thrown) {
    throw corrupt(path, 'cannot be read', thrown)
  }
  return actions
}

function corrupt(path: string, problem: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'E_CORRUPT',
    `the checkpoint ${path} ${problem}, and the commits before it are not all there; restore it from a copy`,
    { context: { path }, cause },
  )
}

/**
 * The version that `_last_checkpoint` names; undefined where it names none. A place to begin, and no more: it may be
 * old, it may be wrong, and where it cannot be read the log can be listed.
 *
 * @see Delta Lake protocol, "Last Checkpoint File"
 */
export async function readLastCheckpoint(table: ObjectStore): Promise<number | undefined> {
  try {
    return checkpointIn(await table.get(lastCheckpointName))
  } catch {
    return undefined
  }
}

/** The version that the bytes of a `_last_checkpoint` name; undefined where they name none. */
export function checkpointIn(bytes: Uint8Array | undefined): number | undefined {
  if (!bytes) return undefined
  try {
    const pointer: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    const version: unknown =
      typeof pointer === 'object' && pointer !== null ? Reflect.get(pointer, 'version') : undefined
    return typeof version === 'number' && Number.isSafeInteger(version) && version >= 0 ? version : undefined
  } catch {
    return undefined
  }
}
