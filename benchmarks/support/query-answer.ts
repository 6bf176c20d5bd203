import { DuckDBInstance } from '@duckdb/node-api'
import { type Answer, epoch, scale } from './answer.ts'

/** Where the rows are that somebody loaded. */
export interface Loaded {
  /** What stands after FROM: `read_parquet('rows.parquet')`, `rows`. */
  readonly from: string
  /** A database file that `from` is in. */
  readonly database?: string
}

/** The same answer as {@link answerOf} gives, of rows that are already in files, by DuckDB. */
export async function queryAnswer({ from, database }: Loaded): Promise<Answer> {
  const instance = await DuckDBInstance.create(database ?? ':memory:', database ? { access_mode: 'READ_ONLY' } : {})
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    const reader = await connection.runAndReadAll(`SELECT ${columns.join(', ')} FROM ${from}`)
    const row = reader.getRowObjectsJson()[0] ?? {}
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

const text = (name: string): string => `COALESCE(sum(strlen(${name})), 0) AS ${name}_bytes`
const scaled = (name: keyof typeof scale): string => `sum(round(${name} * ${scale[name]})::BIGINT) AS ${name}`
const nulls = (name: string): string => `count(*) - count(${name}) AS ${name}_nulls`
const time = (name: string): string => `sum(epoch_ms(${name}::TIMESTAMPTZ) - ${epoch}) AS ${name}_ms`

const columns = [
  'count(*) AS rows',
  'sum(id::BIGINT) AS id',
  'sum(account_id::BIGINT) AS account_id',
  'sum(quantity::BIGINT) AS quantity',
  scaled('price'),
  scaled('score'),
  'count(*) FILTER (is_active) AS is_active',
  'count(*) FILTER (is_verified) AS is_verified',
  ...['account_id', 'is_verified', 'email', 'note'].map(nulls),
  ...['country', 'email', 'note'].map(text),
  ...['created_at', 'updated_at'].map(time),
  "md5(string_agg(id::BIGINT::VARCHAR, ',' ORDER BY id)) AS ids",
]
