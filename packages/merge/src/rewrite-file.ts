import { link, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorMessage, MillraceError } from '@millrace/core'
import type { Schema } from 'apache-arrow'
import { columnType } from './column-type.ts'
import { quoteIdentifier, quoteText } from './quote.ts'
import { type ScannedFile, typedScan } from './typed-scan.ts'
import type { DuckDb } from './with-duckdb.ts'

/** What of files is written again, as SQL over their `typedScan`. */
export interface RowsToWrite {
  /** The rows that stay. */
  readonly where: string
  /** What they are sorted by. Default: their order in the files. */
  readonly order?: string
  /** Values of columns, by name, in place of those in the file. */
  readonly values?: ReadonlyMap<string, string>
}

/**
 * Writes rows of Parquet files again, into one with all columns of the schema. Returns the new file's path; undefined where
 * no row is left.
 *
 * The file gets its name only when it is whole and on the disk.
 */
export async function rewriteFile(
  duckdb: DuckDb,
  from: readonly ScannedFile[],
  to: string,
  schema: Schema,
  { where, order = 'file, row', values }: RowsToWrite,
): Promise<string | undefined> {
  const columns = schema.fields.map(({ name, type }, index) => {
    const value = values?.get(name) ?? `c${index}`
    return `CAST(${value} AS ${columnType(type, name)}) AS ${quoteIdentifier(name)}`
  })
  const temporary = `${to}.tmp`
  try {
    // Without the ORDER BY rows change places: an anti join of 5 million rows moved some on 2 threads.
    const [copied] = await duckdb.rows(
      `COPY (SELECT ${columns.join(', ')} FROM ${await typedScan(duckdb, from, schema)} WHERE ${where}
       ORDER BY ${order}) TO ${quoteText(temporary)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`,
    )
    if (Number(copied?.[0] ?? 0) === 0) return undefined
    await publish(temporary, to)
    return to
  } finally {
    await rm(temporary, { force: true }).catch(() => {})
  }
}

/** Gives a file that is whole the name it is to have, on the disk. */
export async function publish(temporary: string, to: string): Promise<void> {
  try {
    await sync(temporary)
    await link(temporary, to)
    await sync(dirname(to))
  } catch (thrown) {
    throw new MillraceError('E_WRITE_FILE', `cannot write ${to}: ${errorMessage(thrown)}`, {
      context: { path: to },
      cause: thrown,
    })
  }
}

/** Waits until a file, or the names in a folder, are on the disk. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
