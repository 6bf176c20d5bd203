import type { KeyColumn } from './key-columns.ts'
import type { DuckDb } from './with-duckdb.ts'

/** Bounds of the values of a column, both included. They may be wider than the values. */
export interface KeyRange {
  readonly min: bigint | string
  readonly max: bigint | string
}

/**
 * Types whose bounds are exact wherever they come from. Others are left out: other writers round timestamps and leave
 * out NaN, and a range that is too narrow would hide a match and double a row.
 */
const exact: Readonly<Record<string, (bound: string) => string>> = {
  TINYINT: asBigint,
  SMALLINT: asBigint,
  INTEGER: asBigint,
  BIGINT: (bound) => bound,
  VARCHAR: (bound) => bound,
}

function asBigint(bound: string): string {
  return `CAST(${bound} AS BIGINT)`
}

/** Bounds of the keys in a temporary table. */
export async function stagedRanges(
  duckdb: DuckDb,
  table: string,
  keys: readonly KeyColumn[],
): Promise<Readonly<Record<string, KeyRange>>> {
  const ranged = keys.flatMap(({ name, alias, type }) =>
    name !== undefined && Object.hasOwn(exact, type) ? [{ name, alias, type }] : [],
  )
  if (ranged.length === 0) return {}
  const asked = ranged.flatMap(({ alias, type }) =>
    ['min', 'max'].map((bound) => exact[type]?.(`${bound}(${alias})`) ?? 'NULL'),
  )
  const [bounds = []] = await duckdb.rows(`SELECT ${asked.join(', ')} FROM ${table}`)
  return Object.fromEntries(
    ranged.map(({ name }, index) => [
      name,
      { min: bounds[2 * index] as bigint | string, max: bounds[2 * index + 1] as bigint | string },
    ]),
  )
}

/** False only where no key of the file can be among the staged ones. */
export function mayHoldKey(
  file: Readonly<Record<string, KeyRange>>,
  staged: Readonly<Record<string, KeyRange>>,
): boolean {
  return Object.entries(staged).every(([name, wanted]) => {
    const known = Object.hasOwn(file, name) ? file[name] : undefined
    if (known === undefined || typeof known.min !== typeof wanted.min || typeof known.max !== typeof wanted.max)
      return true
    return compare(known.max, wanted.min) >= 0 && compare(known.min, wanted.max) <= 0
  })
}

/** Texts in the order of their UTF-8 bytes, as DuckDB and Parquet have it. JavaScript's own order is another one. */
function compare(a: bigint | string, b: bigint | string): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)))
  return a < BigInt(b) ? -1 : a > BigInt(b) ? 1 : 0
}
