import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type DemoApi, startDemoApi } from '../../../examples/demo/api.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { runCli as run } from './run-cli.ts'

const it = suite('cli')

async function withApi(use: (api: DemoApi, config: string, folder: string) => Promise<void>): Promise<void> {
  const api = await startDemoApi({ apiKey: 'cli-test-key', events: 230, faults: false })
  try {
    await withTempFolder(async (folder) => {
      const config = join(folder, 'events.json')
      await writeFile(
        config,
        JSON.stringify({
          client: {
            base_url: api.url,
            auth: { type: 'api_key', name: 'api_key', api_key: '${KEY}', location: 'query' },
          },
          resources: [
            {
              name: 'events',
              primary_key: 'id',
              write_disposition: 'merge',
              endpoint: { path: '/v1/events', data_selector: 'data', paginator: { type: 'offset', limit: 100 } },
            },
          ],
        }),
      )
      await use(api, config, folder)
    })
  } finally {
    await api.close()
  }
}

const env = { KEY: 'cli-test-key' }

it('prints its commands without arguments and with --help', async () => {
  const help = await run(['--help'])
  assert.is(help.code, 0)
  for (const name of ['run', 'check', 'preview', 'show', 'state', 'verify', 'optimize', 'vacuum']) {
    assert.match(help.stdout, name)
    const own = await run([name, '--help'])
    assert.is(own.code, 0)
    assert.match(own.stdout, `Usage: millrace ${name}`)
  }
  assert.is((await run([])).code, 2)
})

it('prints its version', async () => {
  assert.match((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
})

it('suggests the nearest command and option', async () => {
  assert.match((await run(['shwo'])).stderr, 'unknown command "shwo"; did you mean "show"? See millrace --help')
  assert.match((await run(['frobnicate'])).stderr, 'unknown command "frobnicate"; see millrace --help')
  assert.match((await run(['run', 'x.json', '--max-page', '3'])).stderr, 'did you mean "--max-pages"?')
  assert.match((await run(['run', 'x.json', '--to'])).stderr, '--to needs a value')
  assert.match((await run(['run', 'x.json', '--to', 'y', '--mode', 'full'])).stderr, 'incremental or full-refresh')
  assert.match((await run(['run', 'x.json', '--to', 'y', '--max-pages', '0'])).stderr, 'whole number from 1')
  assert.match((await run(['run', 'x.json', '--to', 'y', '--only', ','])).stderr, '--only takes names')
  for (const text of ['100', '0rows', '1.5s', '5rows,6rows', '5rows,6s,7s', 'rows']) {
    const { code, stderr } = await run(['run', 'x.json', '--to', 'y', '--commit-every', text])
    assert.is(code, 2)
    assert.match(stderr, `--commit-every takes 100000rows, 60s or both with a comma, got "${text}"`)
  }
})

it('tells of the tables of nested rows: in what it checks, in the summary, and in JSON', async () => {
  await withTempFolder(async (folder) => {
    const config = join(folder, 'orders.mjs')
    const rows = [{ orderId: 1, lineItems: [{ skuNo: 'a' }, { skuNo: 'b' }] }]
    const resource = { name: 'orders', rows, nested: 'tables', names: 'snake_case' }
    await writeFile(
      config,
      `export default ${JSON.stringify({ client: { base_url: 'https://api.example.com' }, resources: [resource] })}`,
    )
    const checked = await run(['check', config])
    assert.is(checked.code, 0, checked.stderr)
    assert.match(checked.stdout, /order_id +Int64/)
    assert.match(checked.stdout, /nested rows into "orders__line_items"\ncolumn +type\nsku_no +Utf8/)
    const json = JSON.parse((await run(['check', config, '--json'])).stdout) as {
      streams: { nested: { table: string }[] }[]
    }
    assert.is(json.streams[0]?.nested[0]?.table, 'orders__line_items')

    const to = join(folder, 'data')
    const { code, stdout, stderr } = await run(['run', config, '--to', to])
    assert.is(code, 0, stderr)
    assert.match(stdout, /orders +1 +1 +1 +0 +0 +1 +0 /)
    assert.match(stdout, /orders__line_items +2 +0 +0 +2 +0 /)
    const report = JSON.parse((await run(['run', config, '--to', to, '--json'])).stdout) as {
      streams: { table: string; nested: { table: string; inserted: number; tableRows: number }[] }[]
    }
    assert.equal(
      report.streams.map(({ table, nested }) => [
        table,
        nested.map((each) => [each.table, each.inserted, each.tableRows]),
      ]),
      [['orders', [['orders__line_items', 2, 4]]]],
    )
    assert.not.match((await run(['state', to])).stdout, 'orders__line_items')
  })
})

it('checks: one page of each stream, its columns, nothing written', async () => {
  await withApi(async (_, config) => {
    const { code, stdout, stderr } = await run(['check', config], { env })
    assert.is(code, 0, stderr)
    assert.match(stdout, 'merge by id into "events"; the first page has 100 of 230 rows')
    assert.match(stdout, /updated_at +Timestamp/)
    const json = JSON.parse((await run(['check', config, '--json'], { env })).stdout) as {
      streams: { total: number }[]
    }
    assert.is(json.streams[0]?.total, 230)
  })
})

it('previews rows as the API sends them', async () => {
  await withApi(async (api, config) => {
    const { stdout } = await run(['preview', config, '--rows', '2', '--json'], { env })
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    assert.equal(
      rows,
      api.events.slice(0, 2).map((row) => ({ stream: 'events', row })),
    )
    assert.match((await run(['preview', config], { env })).stdout, /^events\n *id +type/)
  })
})

it('shows older versions of a table, by number and by time, and which there are', async () => {
  await withApi(async (_, config, folder) => {
    const to = join(folder, 'out')
    await run(['run', config, '--to', to, '--max-pages', '1'], { env })
    await run(['run', config, '--to', to], { env })
    const countAt = async (...at: string[]): Promise<number> => {
      const { code, stdout, stderr } = await run(
        ['show', to, 'events', '--format', 'jsonl', '--limit', '230', ...at],
        {},
      )
      assert.is(code, 0, stderr)
      return stdout.trim().split('\n').length
    }
    assert.is(await countAt('--at', '0'), 100)
    assert.is(await countAt(), 230)
    const { stdout } = await run(['show', to, 'events', '--history', '--format', 'jsonl'])
    const history = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { version: number; 'committed at': string; operation: string })
    assert.equal(
      history.map(({ version, operation }) => [version, operation]),
      [
        [1, 'MERGE'],
        [0, 'MERGE'],
      ],
    )
    assert.is(await countAt('--at', history[1]?.['committed at'] ?? ''), 100)
    assert.match((await run(['show', to, 'events', '--at', 'noon'])).stderr, /--at takes a version such as 3/)
    assert.match((await run(['show', to, '--history'])).stderr, /of one table/)
    assert.match((await run(['show', to, 'events', '--at', '7'])).stderr, /has no version 7/)
  })
})

it('runs, then shows the table and the state', async () => {
  await withApi(async (api, config, folder) => {
    const to = join(folder, 'out')
    const loaded = await run(['run', config, '--to', to], { env })
    assert.is(loaded.code, 0, loaded.stderr)
    assert.match(loaded.stdout, /events +3 +230 +230 +0 +0 +230 +0/)
    assert.match((await run(['show', to])).stdout, /events +230/)
    const { stdout } = await run(['show', to, 'events', '--format', 'jsonl', '--limit', '230'])
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number })
    assert.equal(
      rows.sort((a, b) => a.id - b.id),
      api.events,
    )
    const state = JSON.parse((await run(['state', to, '--json'])).stdout) as {
      streams: { pipeline: string; stream: string; table: string }[]
    }
    assert.equal(
      state.streams.map(({ pipeline, stream, table }) => [pipeline, stream, table]),
      [['events', 'events', 'events']],
    )
    assert.match((await run(['state', to])).stdout, /events +events +events +\S+Z +all read, 3 pages\n/)
  })
})

it('commits while it reads where it is told to, and sums it up', async () => {
  await withApi(async (_, config, folder) => {
    const to = join(folder, 'out')
    const loaded = await run(['run', config, '--to', to, '--commit-every', '60s,100rows'], { env })
    assert.is(loaded.code, 0, loaded.stderr)
    // Three pages, three versions: 0, 1 and 2.
    assert.match(loaded.stdout, /events +3 +230 +230 +0 +0 +230 +2 /)
  })
})

it('state says how far streams got: where they stopped, and their watermark', async () => {
  await withApi(async (api, config, folder) => {
    const to = join(folder, 'out')
    await run(['run', config, '--to', to, '--max-pages', '1'], { env })
    assert.match((await run(['state', to])).stdout, /stopped after 1 page, goes on there\n/)

    const text = JSON.parse(await readFile(config, 'utf8')) as { resources: { endpoint: Record<string, unknown> }[] }
    const [events] = text.resources
    if (events) events.endpoint['incremental'] = { cursor_path: 'updated_at' }
    const incremental = join(folder, 'incremental.json')
    await writeFile(incremental, JSON.stringify(text))
    await run(['run', incremental, '--to', to], { env })
    const last = api.events
      .map((event) => String(event['updated_at']))
      .sort()
      .at(-1)
    assert.match((await run(['state', to])).stdout, `all read, 3 pages; updated_at ${last}`)
  })
})

it('draws one live line on a terminal, and none elsewhere', async () => {
  await withApi(async (_, config, folder) => {
    const terminal = await run(['run', config, '--to', join(folder, 'a')], { env, isTTY: true })
    assert.match(terminal.stderr, 'events: page 1, 100 of 230 rows')
    const pipe = await run(['run', config, '--to', join(folder, 'b')], { env })
    assert.is(pipe.stderr, '')
  })
})

it('says which tables there are where the one asked for is not', async () => {
  await withApi(async (_, config, folder) => {
    const to = join(folder, 'out')
    await run(['run', config, '--to', to], { env })
    const { code, stderr } = await run(['show', to, 'event'])
    assert.is(code, 1)
    assert.match(stderr, 'event')
    assert.match(stderr, 'events')
  })
})

it.run()
