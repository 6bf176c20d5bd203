import { MillraceError } from '@millrace/core'
import type { Schema } from 'apache-arrow'
import { sortOf } from './arrivals.ts'
import { aliases, type KeyColumn, values } from './key-columns.ts'
import { type KeyRange, mayHoldKey, stagedRanges } from './key-range.ts'
import { ownColumns } from './merge-columns.ts'
import type { MergeRules } from './merge-rules.ts'
import { quoteText } from './quote.ts'
import { aliasOf, type ScannedFile, typedScan } from './typed-scan.ts'
import type { DuckDb } from './with-duckdb.ts'

/** A file that readers see now. */
export interface LiveFile extends ScannedFile {
  /** Smallest and largest value per key column where known. A file outside what is staged is not opened. */
  readonly keyRanges?: Readonly<Record<string, KeyRange>>
}

export interface LiveRowsOptions {
  readonly schema: Schema
  readonly rules: MergeRules
  readonly keys: readonly KeyColumn[]
  readonly mergeKeys: readonly KeyColumn[]
  readonly live: readonly LiveFile[]
  /** The `typedScan` of the staged files. */
  readonly staged: string
}

/**
 * Finds out what becomes of live rows, as temporary tables over those files that may hold any that something becomes of; these
 * are the answer, and `file` is their index.
 *
 * - `matched`: live rows (`file`, `row`) with the key of a staged one (`ordinal`), and whether that `deletes`.
 * - `settled`: staged rows (`ordinal`) that change nothing.
 * - `gone`: live rows to leave out. `stamped`: live rows whose own column is to have the value `stamp`.
 */
export async function decideLiveRows(duckdb: DuckDb, options: LiveRowsOptions): Promise<readonly LiveFile[]> {
  const { schema, rules, keys, mergeKeys } = options
  await duckdb.run(
    'CREATE TEMP TABLE matched (file BIGINT, row BIGINT, ordinal BIGINT, deletes BOOLEAN, wins BOOLEAN, isstamped BOOLEAN)',
  )
  await duckdb.run('CREATE TEMP TABLE settled (ordinal BIGINT)')
  await duckdb.run('CREATE TEMP TABLE gone (file BIGINT, row BIGINT)')
  await duckdb.run('CREATE TEMP TABLE stamped (file BIGINT, row BIGINT, stamp TIMESTAMPTZ)')

  const candidates = await filesToLookAt(duckdb, options)
  if (candidates.length === 0) {
    await createMoment(duckdb, options, undefined)
    return candidates
  }
  const scan = await typedScan(duckdb, candidates, schema)
  const { versions, deletedRows = 'keep', isWhole = false, strategy = 'upsert' } = rules
  const stamp =
    ownColumns(rules)
      .map((name) => aliasOf(schema, name))
      .at(-1) ?? 'NULL'
  const active = versions ? `WHERE ${stamp} IS NOT DISTINCT FROM ${activeOf(rules)}` : ''
  await createMoment(duckdb, options, `${scan} ${active}`)
  const keyed = `(SELECT file, row, ${[...keys, ...mergeKeys].length > 0 ? `${values([...keys, ...mergeKeys])},` : ''}
    ${sortOf(schema, rules)} AS sort, ${stamp} AS stamp FROM ${scan} ${active})`

  if (keys.length > 0) {
    await duckdb.run(
      `INSERT INTO matched SELECT live.file, live.row, last.ordinal, last.deletes, ${winsOf(rules)}, live.stamp IS NOT NULL
       FROM ${keyed} AS live JOIN last USING (${aliases(keys)})`,
    )
    if (strategy === 'insert-only') await duckdb.run('INSERT INTO settled SELECT DISTINCT ordinal FROM matched')
    else {
      await duckdb.run('INSERT INTO settled SELECT DISTINCT ordinal FROM matched WHERE wins')
      await settleEqual(duckdb, options, candidates)
    }
  }
  const replaced = 'SELECT file, row FROM matched ANTI JOIN settled USING (ordinal)'
  const isOfPart = `SEMI JOIN present USING (${aliases(mergeKeys)})`
  const isAbsent = `ANTI JOIN last USING (${aliases(keys)}) WHERE ${keys.map(({ alias }) => `${alias} IS NOT NULL`).join(' AND ')}`
  if (versions) {
    await duckdb.run(`INSERT INTO stamped SELECT file, row, (SELECT moment FROM timing) FROM (${replaced})`)
    const ended = mergeKeys.length > 0 ? `${isOfPart} ${isAbsent}` : isWhole ? isAbsent : undefined
    if (ended !== undefined) {
      await duckdb.run(`INSERT INTO stamped SELECT file, row, (SELECT moment FROM timing) FROM ${keyed} ${ended}`)
    }
    await checkBoundary(duckdb, options, scan)
    return candidates
  }
  if (strategy === 'delete-insert') {
    const kept = 'SELECT file, row FROM matched SEMI JOIN settled USING (ordinal)'
    await duckdb.run(
      `INSERT INTO gone SELECT file, row FROM (${replaced}) UNION
       SELECT file, row FROM ${keyed} ${isOfPart} ANTI JOIN (${kept}) USING (file, row)`,
    )
  } else if (strategy === 'upsert') await duckdb.run(`INSERT INTO gone ${replaced}`)

  if (deletedRows === 'mark') {
    await duckdb.run(
      'INSERT INTO stamped SELECT file, row, NULL FROM matched SEMI JOIN settled USING (ordinal) WHERE isstamped',
    )
  }
  if (!isWhole || deletedRows === 'keep') return candidates
  const absent = `FROM ${keyed} ${isAbsent}`
  if (deletedRows === 'remove') {
    await duckdb.run(
      `INSERT INTO gone SELECT file, row FROM (SELECT file, row ${absent}) ANTI JOIN gone USING (file, row)`,
    )
  } else {
    await duckdb.run(
      `INSERT INTO stamped SELECT file, row, (SELECT moment FROM timing) FROM (SELECT file, row ${absent} AND stamp IS NULL)
       ANTI JOIN gone USING (file, row)`,
    )
  }
  return candidates
}

/** What a valid version has where an ended one has its end, as SQL. */
export function activeOf({ versions }: MergeRules): string {
  return versions?.active === undefined ? 'NULL' : `CAST(${quoteText(versions.active)} AS TIMESTAMPTZ)`
}

/** Live files that may hold a row of a staged key. All of them, where a row that is not staged is gone. */
async function filesToLookAt(duckdb: DuckDb, options: LiveRowsOptions): Promise<readonly LiveFile[]> {
  const { rules, keys, mergeKeys, live } = options
  const { strategy, deletedRows = 'keep', isWhole = false } = rules
  const endsAbsent = strategy === 'scd2' ? mergeKeys.length === 0 : deletedRows !== 'keep'
  if (isWhole && endsAbsent) return live
  const byKey = keys.length > 0 ? await stagedRanges(duckdb, 'last', keys) : undefined
  const byPart = mergeKeys.length > 0 ? await stagedRanges(duckdb, 'present', mergeKeys) : undefined
  return live.filter(({ keyRanges = {} }) =>
    [byKey, byPart].some((ranges) => ranges !== undefined && mayHoldKey(keyRanges, ranges)),
  )
}

/** Whether a live row beats the staged one of its key, as SQL. */
function winsOf({ strategy = 'upsert', dedupSort }: MergeRules): string {
  if (strategy !== 'upsert' || !dedupSort) return 'false'
  const isBetter = dedupSort.order === 'asc' ? '<' : '>'
  return `coalesce(live.sort ${isBetter} last.sort, live.sort IS NOT NULL AND last.sort IS NULL)`
}

/** Settles staged rows that are equal to the only live row of their key. */
async function settleEqual(
  duckdb: DuckDb,
  { schema, rules, staged }: LiveRowsOptions,
  candidates: readonly LiveFile[],
): Promise<void> {
  await duckdb.run(
    `CREATE TEMP TABLE alike AS SELECT file, row, ordinal FROM matched ANTI JOIN settled USING (ordinal)
     WHERE NOT deletes AND ordinal IN (SELECT ordinal FROM matched GROUP BY ordinal HAVING count(*) = 1)`,
  )
  const found = await duckdb.rows('SELECT DISTINCT file FROM alike ORDER BY file')
  const files = found.map(([file]) => Number(file))
  if (files.length === 0) return
  const hit = await typedScan(
    duckdb,
    files.flatMap((file) => candidates[file] ?? []),
    schema,
  )
  const { versions } = rules
  const own = new Set(versions ? [versions.validFrom, versions.validTo] : [])
  const compared = schema.fields.flatMap(({ name }, index) =>
    versions?.column === undefined
      ? own.has(name)
        ? []
        : [`c${index}`]
      : name === versions.column
        ? [`c${index}`]
        : [],
  )
  const equal = compared.map((column) => `live.${column} IS NOT DISTINCT FROM staged.${column}`)
  const places = files.map((file, index) => `(${index}, ${file})`).join(', ')
  await duckdb.run(
    `INSERT INTO settled SELECT alike.ordinal
     FROM ${hit} AS live JOIN (VALUES ${places}) AS place(hit, file) ON live.file = place.hit
     JOIN alike ON alike.file = place.file AND alike.row = live.row
     JOIN ${staged} AS staged ON staged.ordinal = alike.ordinal
     WHERE ${equal.join(' AND ') || 'true'}`,
  )
}

/** The temporary table `timing`: the time of this merge. A version never ends before it began, whatever the clock says. */
async function createMoment(
  duckdb: DuckDb,
  { schema, rules }: LiveRowsOptions,
  valid: string | undefined,
): Promise<void> {
  const { versions, at = 0 } = rules
  const time = `CAST(${quoteText(versions?.boundary ?? new Date(at).toISOString())} AS TIMESTAMPTZ)`
  const from = versions && versions.boundary === undefined ? aliasOf(schema, versions.validFrom) : undefined
  const latest = from === undefined || valid === undefined ? '' : `, (SELECT max(${from}) FROM ${valid})`
  await duckdb.run(`CREATE TEMP TABLE timing AS SELECT greatest(${time}${latest}) AS moment`)
}

async function checkBoundary(duckdb: DuckDb, { schema, rules }: LiveRowsOptions, scan: string): Promise<void> {
  const { versions } = rules
  const from = versions?.boundary === undefined ? undefined : aliasOf(schema, versions.validFrom)
  if (from === undefined) return
  const [found] = await duckdb.rows(
    `SELECT CAST(max(${from}) AS VARCHAR) FROM ${scan} JOIN stamped USING (file, row) WHERE ${from} > stamp`,
  )
  const later = found?.[0]
  if (typeof later !== 'string') return
  throw new MillraceError(
    'E_BOUNDARY',
    `the boundary ${versions?.boundary} lies before ${later}, when a version began that it would end; give a later one`,
    { context: { boundary: versions?.boundary ?? '' } },
  )
}
