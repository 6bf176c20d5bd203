import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MillraceError } from '@millrace/core'
import { DataType, type Schema } from 'apache-arrow'
import { columnType } from './column-type.ts'
import type { Constants } from './constants.ts'
import { type FileStatistics, lookAt, type StatisticsWanted } from './file-statistics.ts'
import { quoteIdentifier, quoteText } from './quote.ts'
import { publish } from './rewrite-file.ts'
import { aliasOf, typedScan } from './typed-scan.ts'
import { type DuckDb, type SpillOptions, withDuckDb } from './with-duckdb.ts'

/** Bytes of files that are split together: more of them make fewer and larger files, and a larger sort. */
const splitBytes = 268_435_456

export interface SplitFilesOptions extends SpillOptions {
  /** Columns and types of every file that is written. */
  readonly schema: Schema
  /** Parquet files. */
  readonly paths: readonly string[]
  /** Columns of the schema, of single values. */
  readonly partitionBy: readonly string[]
  /** Called with the values of all partitions before anything is written; stops it by throwing. */
  readonly check: (partitions: readonly Constants[]) => void
  /** Names the next file to write: absolute, on the disk of `spillFolder`, and not there yet. */
  readonly nextPath: () => string
  /** A folder that need not exist yet. Removed at the end. */
  readonly spillFolder: string
  readonly statistics: StatisticsWanted
}

/** A file, and the values that all of its rows have in the columns it was split by. Times are ISO 8601. */
export interface PartitionFile extends FileStatistics {
  readonly partition: Constants
}

/**
 * The rows of some Parquet files in files that each have one value in every column of `partitionBy`. Files that have so
 * already stay as they are, and are part of the answer. No file read is changed or removed.
 *
 * Order:  of the rows in a file, as they were.
 * Memory: `memoryLimit` (default 1 GB): rows are sorted by partition, which spills to `spillFolder`.
 *
 * @throws {MillraceError} `E_COLUMN_TYPE`, `E_STORAGE`, `E_WRITE_FILE`, `E_MEMORY_LIMIT`, `E_DUCKDB`, also where a row is
 *   lost on the way. Files written until then have no meaning and can be deleted.
 */
export async function splitFiles(options: SplitFilesOptions): Promise<readonly PartitionFile[]> {
  const { schema, paths, check, spillFolder, statistics } = options
  if (paths.length === 0) return []
  return withDuckDb(spillFolder, options, async (duckdb) => {
    const scan = await typedScan(duckdb, asFiles(paths), schema)
    const partitions = await createPartitions(duckdb, scan, options)
    check(partitions)
    const partsOf = await partitionsByFile(duckdb, scan, options)
    const places: Place[] = []
    const mixed: string[] = []
    for (const [index, path] of paths.entries()) {
      const [part, ...others] = partsOf.get(index) ?? []
      if (others.length > 0) mixed.push(path)
      else if (part !== undefined) places.push({ path, part })
    }
    // On several threads DuckDB writes several files for a partition. Told to write soon what it holds back, it keeps the
    // order of rows, and not more in memory than the file it is at.
    await duckdb.run('SET threads = 1')
    await duckdb.run('SET partitioned_write_flush_threshold = 2048')
    for (const group of await groupsOf(mixed)) places.push(...(await writeSplit(duckdb, group, options)))
    const found = await lookAt(
      duckdb,
      places.map(({ path }) => path),
      schema,
      statistics,
    )
    return found.map((file, index) => ({ ...file, partition: partitions[places[index]?.part ?? -1] ?? {} }))
  })
}

interface Place {
  readonly path: string
  /** The partition's number. */
  readonly part: number
}

/** The temporary table `parts`: each combination of values once, with its number. Their texts are the answer. */
async function createPartitions(
  duckdb: DuckDb,
  scan: string,
  { schema, partitionBy }: SplitFilesOptions,
): Promise<readonly Constants[]> {
  const keys = partitionBy.map((_, index) => `p${index}`)
  const values = partitionBy.map((name, index) => `${aliasOf(schema, name)} AS p${index}`)
  await duckdb.run(
    `CREATE TEMP TABLE parts AS SELECT *, row_number() OVER (ORDER BY ${keys.join(', ')}) - 1 AS part
     FROM (SELECT DISTINCT ${values.join(', ')} FROM ${scan})`,
  )
  const texts = partitionBy.map((name, index) => {
    const type = schema.fields.find((field) => field.name === name)?.type
    return textOf(`p${index}`, type)
  })
  const found = await duckdb.rows(`SELECT ${texts.join(', ')} FROM parts ORDER BY part`)
  return found.map((row) =>
    Object.fromEntries(partitionBy.map((name, index) => [name, (row[index] as string | null | undefined) ?? null])),
  )
}

function textOf(value: string, type: DataType | undefined): string {
  if (DataType.isTimestamp(type)) return `strftime(${value}, '%Y-%m-%dT%H:%M:%S.%f${type.timezone ? 'Z' : ''}')`
  // A decimal without a digit before its point.
  return DataType.isDecimal(type)
    ? `regexp_replace(CAST(${value} AS VARCHAR), '^(-?)\\.', '\\10.')`
    : `CAST(${value} AS VARCHAR)`
}

async function partitionsByFile(
  duckdb: DuckDb,
  scan: string,
  { schema, partitionBy }: SplitFilesOptions,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const found = await duckdb.rows(
    `SELECT DISTINCT file, part FROM ${scan} AS arrived JOIN parts ON ${sameParts(schema, partitionBy)}`,
  )
  const byFile = new Map<number, number[]>()
  for (const [file, part] of found) byFile.set(Number(file), [...(byFile.get(Number(file)) ?? []), Number(part)])
  return byFile
}

async function groupsOf(paths: readonly string[]): Promise<readonly (readonly string[])[]> {
  const groups: string[][] = []
  let open = Number.POSITIVE_INFINITY
  for (const path of paths) {
    const { size } = await stat(path)
    open += size
    if (open <= splitBytes) groups.at(-1)?.push(path)
    else {
      groups.push([path])
      open = size
    }
  }
  return groups
}

async function writeSplit(
  duckdb: DuckDb,
  paths: readonly string[],
  { schema, partitionBy, nextPath, spillFolder }: SplitFilesOptions,
): Promise<readonly Place[]> {
  const folder = join(spillFolder, 'split')
  await mkdir(folder, { recursive: true })
  const columns = schema.fields.map(
    ({ name, type }, index) => `CAST(c${index} AS ${columnType(type, name)}) AS ${quoteIdentifier(name)}`,
  )
  const number = unusedName(schema)
  const scan = await typedScan(duckdb, asFiles(paths), schema)
  const [copied] = await duckdb.rows(
    `COPY (SELECT ${columns.join(', ')}, parts.part AS ${number} FROM ${scan} AS arrived
       JOIN parts ON ${sameParts(schema, partitionBy)} ORDER BY parts.part, ordinal)
     TO ${quoteText(folder)} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (${number}), OVERWRITE true)`,
  )
  const [counted] = await duckdb.rows(`SELECT count(*) FROM ${scan}`)
  if (copied?.[0] !== counted?.[0]) {
    throw new MillraceError(
      'E_DUCKDB',
      `DuckDB wrote ${copied?.[0]} of the ${counted?.[0]} rows of ${paths.join(', ')}`,
    )
  }
  const places: Place[] = []
  for (const name of await readdir(folder)) {
    const part = Number(name.slice(number.length + 1))
    for (const file of await readdir(join(folder, name))) {
      const path = nextPath()
      await publish(join(folder, name, file), path)
      places.push({ path, part })
    }
  }
  return places.sort((a, b) => a.part - b.part)
}

function asFiles(paths: readonly string[]): readonly { readonly path: string }[] {
  return paths.map((path) => ({ path }))
}

function sameParts(schema: Schema, partitionBy: readonly string[]): string {
  const same = partitionBy.map((name, index) => `arrived.${aliasOf(schema, name)} IS NOT DISTINCT FROM parts.p${index}`)
  return same.join(' AND ')
}

function unusedName({ fields }: Schema): string {
  const used = new Set(fields.map(({ name }) => name.toLowerCase()))
  let name = 'part'
  while (used.has(name)) name += '_'
  return name
}
