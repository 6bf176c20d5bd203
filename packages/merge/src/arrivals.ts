import { MillraceError } from '@millrace/core'
import { DataType, type Schema } from 'apache-arrow'
import { changedRoots } from './changed-roots.ts'
import { aliases, type KeyColumn, type KeyKind, singleType, values } from './key-columns.ts'
import type { MergeRules } from './merge-rules.ts'
import { aliasOf, rowsPerFile } from './typed-scan.ts'
import type { DuckDb } from './with-duckdb.ts'

export interface ArrivalsOptions {
  readonly schema: Schema
  readonly rules: MergeRules
  /** Of the staged rows. Empty where each is a row of its own. */
  readonly keys: readonly KeyColumn[]
  readonly mergeKeys: readonly KeyColumn[]
  readonly paths: readonly string[]
  /** The `typedScan` of {@link paths}. */
  readonly staged: string
  /** Of rows that are nested in others: which of these come and go. */
  readonly roots: string | undefined
}

/**
 * Makes the temporary table `last`: for each key the `ordinal` of the staged row that stays, whether it `deletes`, and the
 * value `sort` that it is sorted by. With a merge key also `present`: those that are staged, or the roots. DuckDB spills both
 * where they outgrow the memory limit.
 *
 * @throws {MillraceError} `E_KEY_MISSING` with file and row, from 0; `E_COLUMN_MISSING`, `E_KEY_TYPE` for the sort column.
 */
export async function createLastArrivals(duckdb: DuckDb, options: ArrivalsOptions): Promise<void> {
  const { schema, rules, keys, mergeKeys, staged, roots } = options
  await requireKeys(duckdb, options)
  const { dedupSort } = rules
  if (dedupSort) singleType(schema, dedupSort.column, 'column that rows are sorted by')
  const columns = [
    ...(keys.length > 0 ? [values(keys)] : []),
    'ordinal',
    `${deletes(schema, rules)} AS deletes`,
    `${sortOf(schema, rules)} AS sort`,
  ]
  const [root] = mergeKeys
  const belongs =
    roots !== undefined && root ? `WHERE ${root.value} IN (SELECT id FROM ${changedRoots(roots)} WHERE comes)` : ''
  const arrived = `(SELECT ${columns.join(', ')} FROM ${staged} ${belongs})`
  if (keys.length === 0) await duckdb.run(`CREATE TEMP TABLE last AS SELECT * FROM ${arrived}`)
  else {
    const key = aliases(keys)
    const best = `(SELECT ${key}, ${dedupSort?.order === 'asc' ? 'min' : 'max'}(sort) AS best FROM ${arrived} GROUP BY ${key})`
    const winners = dedupSort ? `${arrived} JOIN ${best} USING (${key}) WHERE sort IS NOT DISTINCT FROM best` : arrived
    const deletion = rules.hardDelete === undefined ? 'false' : 'arg_max(deletes, ordinal)'
    const sort = dedupSort ? 'any_value(sort)' : 'NULL'
    await duckdb.run(
      `CREATE TEMP TABLE last AS SELECT ${key}, max(ordinal) AS ordinal, ${deletion} AS deletes, ${sort} AS sort
       FROM ${winners} GROUP BY ${key}`,
    )
  }
  if (!root) return
  const present =
    roots === undefined
      ? `SELECT DISTINCT ${values(mergeKeys)} FROM ${staged}`
      : `SELECT id AS ${root.alias} FROM ${changedRoots(roots)}`
  await duckdb.run(`CREATE TEMP TABLE present AS ${present}`)
}

/** The value that decides which row of a key stays, as SQL over a `typedScan`. */
export function sortOf(schema: Schema, { dedupSort }: MergeRules): string {
  return (dedupSort && aliasOf(schema, dedupSort.column)) ?? 'NULL'
}

/** A column that no row has deletes nothing: an API may name it only where it does. */
function deletes(schema: Schema, { hardDelete }: MergeRules): string {
  const field = schema.fields.find(({ name }) => name === hardDelete)
  const value = hardDelete === undefined ? undefined : aliasOf(schema, hardDelete)
  if (!field || value === undefined) return 'false'
  return DataType.isBool(field.type) ? `coalesce(${value}, false)` : `${value} IS NOT NULL`
}

async function requireKeys(duckdb: DuckDb, { keys, mergeKeys, paths, staged }: ArrivalsOptions): Promise<void> {
  const kinds: readonly (readonly [KeyKind, readonly KeyColumn[]])[] = [
    ['primary key', keys],
    ['merge key', mergeKeys],
  ]
  for (const [kind, columns] of kinds) {
    const names = columns.flatMap(({ name }) => name ?? [])
    if (names.length === 0) continue
    const missing = columns.map(({ value }) => `${value} IS NULL`).join(' OR ')
    const [found] = await duckdb.rows(`SELECT min(ordinal) FROM ${staged} WHERE ${missing}`)
    const ordinal = found?.[0]
    if (typeof ordinal !== 'bigint') continue
    const row = Number(ordinal % rowsPerFile)
    const path = paths[Number(ordinal / rowsPerFile)] ?? ''
    throw new MillraceError(
      'E_KEY_MISSING',
      `row ${row} of ${path} has null in its ${kind} (${names.join(', ')}); a merge needs the whole key in every row`,
      { context: { path, row } },
    )
  }
}
