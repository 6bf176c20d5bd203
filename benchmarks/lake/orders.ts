import { parquet, withDuckDb } from './duckdb.ts'

/** The key of the orders. */
export const primaryKey = 'id'

/**
 * Orders as SQL: eight columns, about 60 bytes compressed. All but the key follows from a hash of key and version, so that
 * a changed order differs in every column and nothing compresses to nothing.
 *
 * @param ids - A query with one column, `id`.
 */
function orders(ids: string, version: number): string {
  const random = (salt: number): string => `(hash(id, ${version}, ${salt}) // 2)::BIGINT`
  return `SELECT id, make_timestamptz(1767225600000000 + id * 1000000 + ${version}) AS updated_at,
    (${random(1)} % 5000000 / 100.0)::DOUBLE AS amount, (${random(2)} % 20)::BIGINT AS quantity,
    ${random(3)} % 10 < 7 AS is_active, ['new', 'paid', 'sent', 'done'][(${random(4)} % 4 + 1)::INTEGER] AS status,
    'user' || ${random(5)} % 40000 || '@example.com' AS email,
    CASE WHEN ${random(6)} % 10 < 7 THEN 'order ' || to_base(${random(7)}, 36) || to_base(${random(8)}, 36) END AS note
    FROM (${ids}) ORDER BY id`
}

/** What changes in a table of so many rows, whose keys are 0, 1, 2, …. */
export interface Change {
  readonly name: string
  /** A query for the keys that come. */
  readonly ids: (rows: number) => string
  /** How many of them. */
  readonly count: (rows: number) => number
  /** Whether they are in the table already. */
  readonly isUpdate: boolean
}

const thousandth = (rows: number): number => Math.max(1, Math.floor(rows / 1_000))

export const changes: readonly Change[] = [
  {
    name: '0.1 % changed, among the newest 1 %',
    ids: (rows) => `SELECT ${rows} - 1 - 10 * range AS id FROM range(${thousandth(rows)})`,
    count: thousandth,
    isUpdate: true,
  },
  {
    name: '0.1 % changed, spread over all',
    ids: (rows) => `SELECT 1000 * range AS id FROM range(${thousandth(rows)})`,
    count: thousandth,
    isUpdate: true,
  },
  {
    name: '1 % new, keys that grow',
    ids: (rows) => `SELECT ${rows} + range AS id FROM range(${10 * thousandth(rows)})`,
    count: (rows) => 10 * thousandth(rows),
    isUpdate: false,
  },
]

/** Writes the rows that the table begins with, in order of their keys. */
export async function writeOrders(path: string, rows: number): Promise<void> {
  await copyTo(path, orders(`SELECT range AS id FROM range(${rows})`, 0))
}

/** Writes the rows of a change. */
export async function writeChange(path: string, change: Change, rows: number): Promise<void> {
  await copyTo(path, orders(change.ids(rows), 1))
}

async function copyTo(path: string, query: string): Promise<void> {
  await withDuckDb((duckdb) => duckdb.run(`COPY (${query}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`))
}

/** Rows and a digest of all values that knows no order. */
export async function digestOf(from: string): Promise<string> {
  return withDuckDb(async (duckdb) => {
    const columns = 'id, epoch_us(updated_at), amount, quantity, is_active, status, email, note'
    const reader = await duckdb.runAndReadAll(
      `SELECT count(*) || ' rows, ' || sum(hash(${columns})::HUGEINT) || ' over all values' FROM ${from}`,
    )
    return String(reader.getRows()[0]?.[0])
  })
}

/** What the table has to hold after a change. */
export function digestAfter(before: string, change: string): Promise<string> {
  const [old, come] = [parquet([before]), parquet([change])]
  return digestOf(`(FROM ${old} WHERE ${primaryKey} NOT IN (SELECT ${primaryKey} FROM ${come}) UNION ALL FROM ${come})`)
}
