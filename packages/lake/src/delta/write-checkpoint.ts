import { parquetWasm } from '@millrace/parquet'
import { RecordBatch, Struct, vectorFromArray } from 'apache-arrow'
import type { ObjectStore } from '../store/object-store.ts'
import type { Action } from './actions.ts'
import { checkpointSchema } from './checkpoint-schema.ts'
import { toColumnValue } from './checkpoint-value.ts'
import { checkpointName, lastCheckpointName, logFolder, versionDigits } from './log-names.ts'
import { readLastCheckpoint } from './read-checkpoint.ts'
import { seal, unsealed } from './seal.ts'
import type { Snapshot } from './snapshot.ts'
import { retentionMs } from './table-properties.ts'

/** Actions encoded at a time, which is what memory they take beside the snapshot. */
const batchRows = 10_000

/**
 * Writes a snapshot as a checkpoint, and says so in `_last_checkpoint`. Where another writer has done so already, its
 * checkpoint stays.
 *
 * @param now - Milliseconds since 1970: files removed long enough before it are forgotten.
 * @see Delta Lake protocol, "Checkpoints"
 */
export async function writeCheckpoint(table: ObjectStore, snapshot: Snapshot, now: number): Promise<void> {
  const actions = checkpointActions(snapshot, now)
  const bytes = await encode(actions)
  await table.putIfAbsent(checkpointName(snapshot.version), bytes)
  const last = await readLastCheckpoint(table)
  if (last !== undefined && last >= snapshot.version && (await isCheckpoint(table, last))) return
  const pointer = {
    version: snapshot.version,
    size: actions.length,
    sizeInBytes: bytes.length,
    numOfAddFiles: snapshot.files.size,
    tags: unsealed,
  }
  const sealed = Buffer.from(JSON.stringify(pointer))
  seal(sealed)
  await table.put(lastCheckpointName, sealed)
}

/** Whether the log has a checkpoint of a version, as far as names tell: one that is damaged could point to any. */
async function isCheckpoint(table: ObjectStore, version: number): Promise<boolean> {
  return (await table.list(logFolder, { prefix: `${versionDigits(version)}.checkpoint.`, limit: 1 })).length > 0
}

/** Live files keep their order: a reader of the checkpoint gives rows in the same one as a reader of the commits. */
function checkpointActions(snapshot: Snapshot, now: number): readonly Action[] {
  const { protocol, metadata, transactions, removed, files } = snapshot
  const oldest = now - retentionMs(metadata, 'delta.deletedFileRetentionDuration')
  const remembered = [...removed.values()].filter(({ deletionTimestamp = 0 }) => deletionTimestamp > oldest)
  return [
    { protocol },
    { metaData: metadata },
    ...[...transactions.values()].map((txn): Action => ({ txn })),
    ...remembered.map((remove): Action => ({ remove: { ...remove, dataChange: false } })),
    ...[...files.values()].map((add): Action => ({ add: { ...add, dataChange: false } })),
  ]
}

async function encode(actions: readonly Action[]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of parquetWasm().encode(checkpointSchema, batches(actions), { metadata: unsealed })) {
    pieces.push(piece.slice())
  }
  const bytes = Buffer.concat(pieces)
  seal(bytes)
  return bytes
}

function* batches(actions: readonly Action[]): Generator<RecordBatch, undefined> {
  const type = new Struct(checkpointSchema.fields)
  for (let from = 0; from < actions.length; from += batchRows) {
    const rows = actions.slice(from, from + batchRows).map((action) => toColumnValue(action, type))
    const [data] = vectorFromArray(rows, type).data
    if (data) yield new RecordBatch(checkpointSchema, data)
  }
}
