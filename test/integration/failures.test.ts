import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startDemoApi } from '../../examples/demo/api.ts'
import { readDelta } from '../support/read-delta.ts'
import { type CommandResult, millrace, millraceUnprivileged } from '../support/run-millrace.ts'
import { withTempFolder } from '../support/temp-folder.ts'

const it = suite('failures of the command line')

const apiKey = 'the-right-key'

function config(changes: { base?: string; endpoint?: object; client?: object; more?: object }): string {
  return JSON.stringify({
    client: {
      base_url: changes.base ?? '${URL}',
      auth: { type: 'api_key', name: 'api_key', api_key: '${KEY}', location: 'query' },
      ...changes.client,
    },
    resource_defaults: { primary_key: 'id', write_disposition: 'merge' },
    resources: [
      {
        name: 'events',
        endpoint: {
          path: '/v1/events',
          data_selector: 'data',
          paginator: { type: 'offset', limit: 100 },
          ...changes.endpoint,
        },
        ...changes.more,
      },
    ],
  })
}

interface Attempt {
  readonly folder: string
  /** Runs the given configuration text as events.json into `out`. */
  run(text: string, env?: Record<string, string>): Promise<CommandResult>
}

/** A table that a good run has made, and the chance to fail over it: afterwards it must be as it was. */
async function overGoodTable(attempt: (given: Attempt) => Promise<void>): Promise<void> {
  const api = await startDemoApi({ apiKey, events: 150, faults: false })
  try {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'events.json')
      const run = async (text: string, env: Record<string, string> = {}): Promise<CommandResult> => {
        await writeFile(path, text)
        return millrace(['run', path, '--to', join(folder, 'out')], { URL: api.url, KEY: apiKey, ...env })
      }
      const good = await run(config({}))
      assert.is(good.code, 0, good.stderr)
      const before = await readDelta(join(folder, 'out', 'events'))
      await attempt({ folder, run })
      assert.equal(await readDelta(join(folder, 'out', 'events')), before, 'the table is as it was')
      const again = await run(config({}))
      assert.is(again.code, 0, again.stderr)
    })
  } finally {
    await api.close()
  }
}

function assertOneLine({ code, stdout, stderr }: CommandResult, wanted: number, ...parts: readonly string[]): void {
  assert.is(code, wanted, stderr)
  assert.is(stdout, '')
  const errors = stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('retry in '))
  assert.is(errors.length, 1, `one line, got:\n${stderr}`)
  for (const part of parts) assert.ok(stderr.includes(part), `"${part}" is missing in:\n${stderr}`)
  assert.not.match(stderr, /\n\s+at /)
}

it('names the status and the stream for a wrong key', async () => {
  await overGoodTable(async ({ run }) => {
    const result = await run(config({}), { KEY: 'a-wrong-key' })
    assertOneLine(result, 1, '/v1/events', '401', 'stream "events", page 1', 'credentials')
    assert.not.match(result.stderr, 'a-wrong-key')
  })
})

it('names the path of an unknown key and the nearest known one', async () => {
  await overGoodTable(async ({ run }) => {
    const text = config({ endpoint: { paginator: { type: 'offset', limt: 100 } } })
    assertOneLine(await run(text), 2, 'resources[0].endpoint.paginator.limt', 'limit')
  })
})

it('lists the keys present where the selector matches nothing', async () => {
  await overGoodTable(async ({ run }) => {
    const result = await run(config({ endpoint: { data_selector: 'items' } }))
    assertOneLine(result, 1, '"items"', 'data', 'total', 'stream "events", page 1')
  })
})

it('names the address of a refused connection', async () => {
  await overGoodTable(async ({ run }) => {
    const text = config({ base: 'http://127.0.0.1:9', client: { retry: { max_retries: 0 } } })
    assertOneLine(await run(text), 1, 'http://127.0.0.1:9', 'ECONNREFUSED', 'base_url')
  })
})

it('names the attempts of a 503 that never ends, and keeps the checkpoint', async () => {
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset'))
    if (offset >= 200) return void response.writeHead(503).end()
    const data = Array.from({ length: 100 }, (_, index) => ({ id: offset + index, name: `n${index}` }))
    response.end(JSON.stringify({ data }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    await overGoodTable(async ({ run }) => {
      const text = config({ base: url, client: { retry: { max_retries: 1, backoff_factor: 1 } } })
      assertOneLine(await run(text), 1, '503', '2 attempts', 'page 3', 'checkpoint kept at page 2')
      assert.is(requests, 2 + 2)
      requests = 0
      await run(text)
      assert.is(requests, 2, 'goes on at page 3')
    })
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

it('ends as bad configuration where a variable is not set', async () => {
  await overGoodTable(async ({ run }) => {
    assertOneLine(await run(config({}), { KEY: '' }), 2, 'client.auth.api_key', 'KEY')
  })
})

it('ends as bad usage for unknown options, commands and destinations', async () => {
  assertOneLine(await millrace(['run', 'x.json', '--too', 'y']), 2, '--too', '--to')
  assertOneLine(await millrace(['rum']), 2, 'rum', 'run')
  assertOneLine(await millrace(['run', 'x.json']), 2, '--to')
  assertOneLine(await millrace(['run', 'x.json', '--to', 'kafka:topic']), 2, 'kafka:')
  assertOneLine(await millrace(['run', 'not-there.json', '--to', 'out']), 2, 'not-there.json', 'no such file')
})

it('names a folder that cannot be written, and leaves nothing in it', async () => {
  const api = await startDemoApi({ apiKey, events: 10, faults: false })
  try {
    await withTempFolder(async (folder) => {
      await chmod(folder, 0o755)
      const path = join(folder, 'events.json')
      await writeFile(path, config({}))
      await writeFile(join(folder, 'file'), '')
      await mkdir(join(folder, 'locked'), { mode: 0o555 })
      const env = { URL: api.url, KEY: apiKey }

      const locked = join(folder, 'locked', 'out')
      assertOneLine(
        await millraceUnprivileged(['run', path, '--to', locked], env),
        1,
        locked,
        'EACCES',
        'right to write',
      )
      const below = join(folder, 'file', 'out')
      assertOneLine(await millrace(['run', path, '--to', below], env), 1, below)
      assert.equal((await readdir(folder)).sort(), ['events.json', 'file', 'locked'])
      assert.equal(await readdir(join(folder, 'locked')), [])
    })
  } finally {
    await api.close()
  }
})

it('prints one JSON document on standard output for a failure under --json', async () => {
  const { code, stdout } = await millrace(['run', 'not-there.json', '--to', 'out', '--json'])
  assert.is(code, 2)
  const { ok, error } = JSON.parse(stdout) as { ok: boolean; error: { code: string } }
  assert.is(ok, false)
  assert.is(error.code, 'E_CONFIG')
})

it.run()
