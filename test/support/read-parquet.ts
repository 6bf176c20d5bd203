import { readFile } from 'node:fs/promises'
import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
} from '@duckdb/node-api'
import { parquetMetadataAsync, parquetRead } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { Stored } from './holds-json.ts'

/** The rows of a Parquet file, column by name. */
export type ReadParquet = (path: string) => Promise<ReadonlyMap<string, Stored>[]>

/** Reads with a library that shares no code with ours or with any encoder: DuckDB. */
export async function withDuckDbReader<Result>(use: (read: ReadParquet) => Promise<Result>): Promise<Result> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return await use((path) => readWith(connection, path))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function readWith(connection: DuckDBConnection, path: string): Promise<ReadonlyMap<string, Stored>[]> {
  const reader = await connection.runAndReadAll(
    `SELECT * FROM read_parquet('${path}', file_row_number = true) ORDER BY file_row_number`,
  )
  const names = reader.columnNames()
  return reader.getRows().map((row) => new Map(names.slice(0, -1).map((name, c) => [name, ofDuckDb(row[c])])))
}

function ofDuckDb(value: unknown): Stored {
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue) return { micros: value.micros }
  if (value instanceof DuckDBListValue) return value.items.map(ofDuckDb)
  if (value instanceof DuckDBStructValue) {
    return new Map(Object.entries(value.entries).map(([name, each]) => [name, ofDuckDb(each)]))
  }
  if (value instanceof DuckDBDecimalValue || value instanceof DuckDBDateValue || value instanceof DuckDBTimeValue) {
    return String(value)
  }
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
  return value as Stored
}

/** Reads with the other one: hyparquet. */
export const readWithHyparquet: ReadParquet = async (path) => {
  const bytes = await readFile(path)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  const { schema } = await parquetMetadataAsync(file)
  // As lists of cells, since in an object `__proto__` would be lost; the columns in the order of the file.
  const names = topLevelNames(schema)
  let rows: unknown[][] = []
  await parquetRead({
    file,
    compressors,
    columns: names,
    parsers: { timestampFromMicroseconds: (micros) => ({ micros }) },
    onComplete: (all) => {
      rows = all as unknown[][]
    },
  })
  return rows.map((row) => new Map(names.map((name, c) => [name, ofHyparquet(row[c])])))
}

interface SchemaElement {
  readonly name: string
  readonly num_children?: number | undefined
}

/** The schema is a tree written out depth first. */
function topLevelNames(schema: readonly SchemaElement[]): string[] {
  const names: string[] = []
  let at = 1
  function skip(): void {
    const { num_children: children = 0 } = schema[at] as SchemaElement
    at += 1
    for (let child = 0; child < children; child++) skip()
  }
  while (at < schema.length) {
    names.push((schema[at] as SchemaElement).name)
    skip()
  }
  return names
}

function ofHyparquet(value: unknown): Stored {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.map(ofHyparquet)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value === 'object' && !('micros' in value)) {
    return new Map(Object.entries(value).map(([name, each]) => [name, ofHyparquet(each)]))
  }
  return value as Stored
}
