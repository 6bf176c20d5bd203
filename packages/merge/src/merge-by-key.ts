import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Operator } from '@millrace/core'
import type { RecordBatch } from 'apache-arrow'
import { mergeFiles } from './merge-files.ts'
import { readAs } from './read-as.ts'
import { spool } from './spool.ts'
import type { SpillOptions } from './with-duckdb.ts'

export interface MergeByKeyOptions extends SpillOptions {
  /** Where rows wait until all have come: needs room for all of them, compressed. Default: the system's own. */
  readonly tempFolder?: string
}

/**
 * Keeps one row per primary key: the last to arrive, at the place where it arrived.
 *
 * The last row may replace the first, so all have to come before any can leave. They wait on disk.
 *
 * Shape:  AsyncIterable<RecordBatch> → AsyncIterable<RecordBatch>; every batch has all columns that any batch had, those
 *         seen first in front. Batches are cut anew; a source without rows gives none.
 * Order:  that of the last arrivals.
 * Memory: 100 000 rows and `memoryLimit`, whatever the total. Disk: all rows, as Parquet, in `tempFolder`.
 * Pulls:  lazy; the first `next()` reads the source to its end. Files are removed at the end and on early exit.
 *
 * @param options.memoryLimit - What DuckDB may use before it spills, such as `512MB`. Default 1 GB.
 * @throws {MillraceError} `E_KEY_MISSING` with the row's number in the source, from 0; what {@link mergeFiles} throws.
 * @example
 * for await (const batch of pipe(batches, mergeByKey('id'))) console.log(batch.numRows)
 */
export function mergeByKey(
  primaryKey: string | readonly string[],
  options: MergeByKeyOptions = {},
): Operator<RecordBatch, RecordBatch> {
  const key = typeof primaryKey === 'string' ? [primaryKey] : [...primaryKey]
  if (key.length === 0) throw new RangeError('mergeByKey: needs at least one key column, got none')
  return (source) => ({ [Symbol.asyncIterator]: () => merged(source, key, options) })
}

async function* merged(
  source: AsyncIterable<RecordBatch>,
  primaryKey: readonly string[],
  options: MergeByKeyOptions,
): AsyncGenerator<RecordBatch, undefined> {
  const folder = await mkdtemp(join(options.tempFolder ?? tmpdir(), 'millrace-merge-'))
  try {
    const { paths, schema } = await spool(source, folder, primaryKey)
    if (!schema) return
    let written = 0
    const { added } = await mergeFiles({
      ...options,
      schema,
      primaryKey,
      live: [],
      staged: paths,
      nextPath: () => join(folder, `merged-${written++}.parquet`),
      spillFolder: join(folder, 'spill'),
    })
    const files = added.map(({ path }) => path)
    yield* readAs(files, schema)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
