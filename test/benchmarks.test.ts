import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { allContenders, floor } from '../benchmarks/end-to-end/contenders.ts'
import { type PageServer, startPageServer } from '../benchmarks/end-to-end/page-server.ts'
import { runRounds } from '../benchmarks/end-to-end/run-rounds.ts'
import { tabulate } from '../benchmarks/end-to-end/tabulate.ts'
import { median } from '../benchmarks/support/median.ts'
import { readResults, resultsReadme, shownResults, withShownTables } from '../benchmarks/support/save-results.ts'
import { root } from './support/source-tree.ts'

const contenders = allContenders(undefined)

async function withServer(use: (server: PageServer) => Promise<void>): Promise<void> {
  const server = await startPageServer({ pages: 3, rowsPerPage: 100 })
  try {
    await use(server)
  } finally {
    await server.close()
  }
}

interface Ended {
  readonly code: number
  readonly output: string
}

/** `npm run bench`, without what it prepares. */
function bench(...args: string[]): Promise<Ended> {
  const script = fileURLToPath(new URL('../benchmarks/run.js', import.meta.url))
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
    })
  })
}

const it = suite('end-to-end benchmark')

it('measures every contender, and all load what the server sent', () =>
  withServer(async (server) => {
    const found = await runRounds(
      contenders.map((contender) => ({ contender, server })),
      1,
    )
    for (const [{ contender }, measurements] of found) {
      const [measurement] = measurements
      assert.ok(measurement, contender.name)
      const { seconds, processSeconds, requests, rows } = measurement
      assert.ok(seconds > 0 && processSeconds > seconds, contender.name)
      assert.is(requests, 4, `${contender.name}: three pages, and one without rows`)
      assert.is(rows, 300, contender.name)
    }
    const { rows } = tabulate(found, server, { rounds: 1 })
    assert.equal(
      rows.map(([name]) => name),
      contenders.map(({ name }) => name),
    )
    assert.is(rows.find(([name]) => name === floor)?.[5], '1.0', 'the floor takes as long as the floor')
  }))

it('fails where a contender has lost a row', () =>
  withServer(async (server) => {
    const [contender] = contenders.filter(({ name }) => name.includes('appender'))
    assert.ok(contender?.loaded)
    const { loaded } = contender
    const losing = {
      ...contender,
      loaded: async (folder: string) => ({ ...(await loaded(folder)), from: '(FROM rows LIMIT 299)' }),
    }
    try {
      await runRounds([{ contender: losing, server }], 1)
    } catch (thrown) {
      assert.match(String(thrown), /wrong answer:\n {2}rows: 299, not 300/)
      return
    }
    assert.unreachable('a row was lost and nobody noticed')
  }))

it('prints a table, and keeps no result of a quick look', async () => {
  const before = await readResults()
  const { code, output } = await bench('end-to-end', '--pages', '1', '--rounds', '1', '--only', floor)
  assert.is(code, 0, output)
  assert.match(output, /^1 pages of 1,000 rows/m)
  assert.match(output, /^10 pages of 1,000 rows/m)
  assert.match(output, /^10 pages of 100 rows/m)
  assert.equal(await readResults(), before)
})

it('merges into a lake, and appends to one, and checks what is there afterwards', async () => {
  const merge = await bench('lake/merge', '--rows', '3000', '--rounds', '1', '--without', 'delta-rs')
  assert.is(merge.code, 0, merge.output)
  assert.match(merge.output, /^1 % new, keys that grow: 30 rows into 3,000/m)
  const stream = await bench('lake/stream', '--stream-rows', '5000')
  assert.is(stream.code, 0, stream.output)
  assert.match(stream.output, /^5,000 rows appended to a lake/m)
})

it('tells how it is used, and what it does not know', async () => {
  const help = await bench('--help')
  assert.is(help.code, 0)
  assert.match(help.output, /^Usage: npm run bench/)
  assert.is((await bench('--pages', 'many')).code, 2)
  assert.is((await bench('no-such-benchmark')).code, 2)
})

it.run()

const resultsIt = suite('benchmark results')

resultsIt('are in the README beside them as they were found', async () => {
  assert.is(await readFile(join(root, 'benchmarks/results/README.md'), 'utf8'), resultsReadme(await readResults()))
})

resultsIt('are in the README of the project as they were found', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const results = (await readResults()).find(({ benchmark }) => benchmark === shownResults)
  assert.ok(results)
  assert.is(readme, withShownTables(readme, results))
})

resultsIt('are medians', () => {
  assert.is(median([3, 1, 2]), 2)
  assert.is(median([4, 1, 2, 3]), 2.5)
  assert.is(median([7]), 7)
  assert.throws(() => median([]), /no numbers/)
})

resultsIt.run()
