import { rm } from 'node:fs/promises'
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api'
import { errorMessage, isMillraceError, MillraceError } from '@millrace/core'

/** What DuckDB may hold before it spills to disk. Room for sorting a few million rows, small beside a laptop's memory. */
export const defaultMemoryLimit = '1GB'

export interface SpillOptions {
  /** Memory DuckDB may use, in its own spelling (`512MB`, `4GB`). Default {@link defaultMemoryLimit}. */
  readonly memoryLimit?: string
}

/** Runs SQL in a DuckDB of its own. */
export interface DuckDb {
  /** Runs a statement for its effect. */
  run(sql: string): Promise<void>
  /** Runs a query whose answer is small: one array per row. */
  rows(sql: string): Promise<readonly (readonly DuckDBValue[])[]>
}

/**
 * Gives `use` an empty DuckDB in memory that spills into `spillFolder`, and closes it and removes that folder afterwards,
 * whatever happens.
 *
 * @throws {MillraceError} `E_STORAGE` where the disk is full, `E_MEMORY_LIMIT` where even spilling did not do, `E_DUCKDB` else.
 */
export async function withDuckDb<Result>(
  spillFolder: string,
  options: SpillOptions,
  use: (duckdb: DuckDb) => Promise<Result>,
): Promise<Result> {
  const instance = await open(spillFolder, options)
  let connection: DuckDBConnection | undefined
  try {
    connection = await instance.connect()
    const connected = connection
    const rows: DuckDb['rows'] = async (sql) => {
      try {
        return (await connected.runAndReadAll(sql)).getRows()
      } catch (thrown) {
        throw asMillraceError(thrown, spillFolder)
      }
    }
    const run: DuckDb['run'] = async (sql) => void (await rows(sql))
    await run("SET TimeZone = 'UTC'")
    return await use({ run, rows })
  } finally {
    connection?.closeSync()
    instance.closeSync()
    await rm(spillFolder, { recursive: true, force: true })
  }
}

async function open(spillFolder: string, { memoryLimit = defaultMemoryLimit }: SpillOptions): Promise<DuckDBInstance> {
  // At the first use: to load it takes longer than to load all else, and who only appends rows does not need it.
  const { DuckDBInstance } = await import('@duckdb/node-api').catch((thrown: unknown) => {
    const message = `DuckDB, which merges rows, cannot be loaded on ${process.platform}-${process.arch}: ${errorMessage(thrown)}`
    throw new MillraceError('E_DUCKDB', message, { cause: thrown })
  })
  return DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    temp_directory: spillFolder,
    // All that is needed is built in. Nothing may be fetched behind the user's back.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
}

function asMillraceError(thrown: unknown, spillFolder: string): MillraceError {
  if (isMillraceError(thrown)) return thrown
  const message = errorMessage(thrown)
  if (/no space left/i.test(message)) {
    return new MillraceError('E_STORAGE', `the disk is full: ${message}; free space and run again`, { cause: thrown })
  }
  if (/^Out of Memory/i.test(message)) {
    return new MillraceError(
      'E_MEMORY_LIMIT',
      `DuckDB needs more memory than it was given, even with ${spillFolder} to spill into: ${message}; raise memoryLimit`,
      { cause: thrown },
    )
  }
  return new MillraceError('E_DUCKDB', `DuckDB failed: ${message}`, { cause: thrown })
}
