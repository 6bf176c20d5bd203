import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { contend } from '../contend.ts'

/**
 * An experiment, the shorter road: no row ever becomes an object. The text of each page goes into a file, one line each,
 * and DuckDB's `read_json` makes columns of it.
 *
 * What it costs, measured: an integer beyond 64 bits, or a large one among floats, is rounded; a UUID is spelled anew; a
 * time with an offset loses it, and one with fractions here and none there stays text; numbers mixed with text become
 * JSON. Types come from a sample of the first rows: a later value that does not fit ends the job, and a later key is
 * lost. And nothing is durable before the last page.
 */
await contend(async ({ url, limit, folder }) => {
  const path = join(folder, 'pages.ndjson')
  const file = createWriteStream(path)
  for (let offset = 0; ; offset += limit) {
    const response = await fetch(`${url}/rows?offset=${offset}&limit=${limit}`)
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`)
    const text = await response.text()
    // Only the last page is as short as this; it has no row.
    if (text.startsWith('{"data":[]')) break
    if (!file.write(`${text}\n`)) await once(file, 'drain')
  }
  file.end()
  await finished(file)

  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  const { rowsChanged } = await connection.run(
    `COPY (
      SELECT unnest(page.row) FROM (
        SELECT unnest(data) AS row FROM read_json('${path}', format = 'newline_delimited', maximum_object_size = 67108864)
      ) AS page
    ) TO '${join(folder, 'rows.parquet')}' (FORMAT parquet, COMPRESSION zstd)`,
  )
  connection.closeSync()
  instance.closeSync()
  return rowsChanged
})
