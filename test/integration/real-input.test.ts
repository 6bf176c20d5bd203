import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunReport } from 'millrace'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type DeltaTable, readDelta } from '../support/read-delta.ts'
import { millrace } from '../support/run-millrace.ts'
import { withTempFolder } from '../support/temp-folder.ts'

const it = suite('json-server with the movies of vega-datasets')

const require = createRequire(import.meta.url)

type Movie = Record<string, string | number | null>

/** The movies as they are, each with the `id` that json-server addresses it by. */
async function readMovies(): Promise<Movie[]> {
  const text = await readFile(join(dirname(require.resolve('vega-datasets')), '../data/movies.json'), 'utf8')
  return (JSON.parse(text) as Movie[]).map((movie, index) => ({ id: index + 1, ...movie }))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Runs json-server, a server that none of us wrote, over a file of its own. */
async function withJsonServer(folder: string, data: object, use: (url: string) => Promise<void>): Promise<void> {
  const file = join(folder, 'db.json')
  await writeFile(file, JSON.stringify(data))
  const port = await freePort()
  const bin = join(dirname(require.resolve('json-server/package.json')), 'lib/cli/bin.js')
  const server = spawn(process.execPath, [bin, '--port', String(port), '--host', '127.0.0.1', '--quiet', file])
  try {
    const url = `http://127.0.0.1:${port}`
    for (let tries = 0; ; tries++) {
      if (tries > 1000) throw new Error('json-server did not start')
      const up = await fetch(`${url}/movies/1`).then(
        (response) => response.ok,
        () => false,
      )
      if (up) break
      await sleep(20)
    }
    await use(url)
  } finally {
    server.kill()
  }
}

async function send(method: string, url: string, body: Movie): Promise<Movie> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.ok(response.ok, `${method} ${url} answered ${response.status}`)
  return (await response.json()) as Movie
}

/** The value of one field wherever it went: its own column, or a variant column of another type. */
function stored(row: DeltaTable['rows'][number], field: string): unknown {
  const columns = Object.keys(row).filter((name) => name === field || name.startsWith(`${field}__v_`))
  const values = columns.map((name) => row[name]).filter((value) => value !== null)
  assert.ok(values.length <= 1, `${field} is in ${columns.join(' and ')}`)
  return values[0] ?? null
}

function assertSame(rows: DeltaTable['rows'], movies: readonly Movie[]): void {
  assert.is(rows.length, movies.length)
  for (const [index, movie] of movies.entries()) {
    const row = rows[index] ?? {}
    for (const [field, value] of Object.entries(movie)) {
      const found = stored(row, field)
      const where = `movie ${movie['id']}, ${field}`
      if (value === null) assert.is(found, null, where)
      // A number reads back as its digits: from an integer or float column, or from a column of mixed titles.
      else assert.is(String(found), String(value), where)
    }
  }
}

it('is read by offset, merged, changed through its REST API, and read again without losing a value', async () => {
  const movies = await readMovies()
  assert.is(movies.length, 3201)
  await withTempFolder(async (folder) => {
    await withJsonServer(folder, { movies }, async (url) => {
      const config = join(folder, 'movies.json')
      await writeFile(
        config,
        JSON.stringify({
          client: { base_url: url },
          resources: [
            {
              name: 'movies',
              primary_key: 'id',
              write_disposition: 'merge',
              endpoint: {
                path: 'movies',
                data_selector: '$',
                paginator: {
                  type: 'offset',
                  limit: 100,
                  offset_param: '_start',
                  limit_param: '_limit',
                  total_path: null,
                },
              },
            },
          ],
        }),
      )
      const table = join(folder, 'lake', 'movies')
      const run = async (): Promise<RunReport> => {
        const { code, stdout, stderr } = await millrace(['run', config, '--to', join(folder, 'lake'), '--json'])
        assert.is(code, 0, stderr)
        return JSON.parse(stdout) as RunReport
      }

      const first = await run()
      assert.is(first.streams[0]?.inserted, 3201)
      assertSame((await readDelta(table, 'id')).rows, movies)

      for (let index = 0; index < 31; index++) {
        const { id: _, ...movie } = movies[index * 100] ?? {}
        movies.push(await send('POST', `${url}/movies`, { ...movie, Title: `Another ${index}`, 'US Gross': index }))
      }
      for (const index of [0, 1, 1600, 3200]) {
        const change = { Title: `Changed ${index}`, 'IMDB Rating': 9.75, 'Worldwide Gross': null }
        movies[index] = await send('PATCH', `${url}/movies/${index + 1}`, change)
      }
      const second = await run()
      assert.is(second.streams[0]?.inserted, 31)
      assert.is(second.streams[0]?.tableRows, 3201 + 31)
      assertSame((await readDelta(table, 'id')).rows, movies)
    })
  })
})

it.run()
