import { cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunReport } from 'millrace'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type DemoApi, type DemoEvent, startDemoApi } from '../../examples/demo/api.ts'
import { type DeltaTable, readDelta } from '../support/read-delta.ts'
import { type CommandResult, millrace } from '../support/run-millrace.ts'
import { withTempFolder } from '../support/temp-folder.ts'

const it = suite('the main job')

const apiKey = 'canary-5f0e2a91c7'
const examples = fileURLToPath(new URL('../../../examples/', import.meta.url))

interface Job {
  readonly api: DemoApi
  readonly folder: string
  run(config: string, ...more: string[]): Promise<CommandResult>
}

async function withJob(events: number, use: (job: Job) => Promise<void>): Promise<void> {
  const api = await startDemoApi({ apiKey, events, faults: false })
  try {
    await withTempFolder((folder) =>
      use({
        api,
        folder,
        run: (config, ...more) =>
          millrace(['run', join(examples, config), '--json', ...more], {
            EVENTS_API_URL: api.url,
            EVENTS_API_KEY: apiKey,
          }),
      }),
    )
  } finally {
    await api.close()
  }
}

function report({ code, stdout, stderr }: CommandResult): RunReport {
  assert.is(code, 0, stderr)
  assert.is(stdout.trim().split('\n').length, 1, 'one JSON document on standard output')
  return JSON.parse(stdout) as RunReport
}

/** A row as {@link readDelta} gives it, as the API sent it. */
function asEvent(row: DeltaTable['rows'][number]): unknown {
  const { id, user_id, quantity, device, created_at, updated_at, ...rest } = row
  const whole = (value: unknown): unknown => (value === null ? null : Number(value))
  const { os, version } = device as Record<string, unknown>
  const instant = (value: unknown): string => new Date(String(value).replace(/\+00$/, 'Z')).toISOString()
  return {
    ...rest,
    id: whole(id),
    user_id: whole(user_id),
    quantity: whole(quantity),
    device: { os, version: whole(version) },
    created_at: instant(created_at),
    updated_at: instant(updated_at),
  }
}

async function assertTableIs(events: readonly DemoEvent[], table: string): Promise<void> {
  const { rows } = await readDelta(table, 'id')
  const wanted = [...events].sort((a, b) => a.id - b.id)
  assert.is(rows.length, wanted.length)
  for (const [index, row] of rows.entries()) assert.equal(asEvent(row), wanted[index])
}

it('gives the same table from JSON, YAML and a TypeScript module', async () => {
  await withJob(250, async ({ api, folder, run }) => {
    for (const config of ['events.json', 'events.yaml', 'events.ts']) {
      const to = join(folder, config)
      const { streams } = report(await run(config, '--to', to))
      assert.is(streams[0]?.read, 250)
      assert.is(streams[0]?.inserted, 250)
      await assertTableIs(api.events, join(to, 'events'))
    }
  })
})

it('adds nothing in a second run, and updates in place after changes', async () => {
  await withJob(450, async ({ api, folder, run }) => {
    report(await run('events.json', '--to', folder))
    const second = report(await run('events.json', '--to', folder))
    assert.is(second.streams[0]?.inserted, 0)
    assert.is(second.streams[0]?.tableRows, 450)
    await assertTableIs(api.events, join(folder, 'events'))

    api.advance({ updated: 120, added: 31 })
    const third = report(await run('events.json', '--to', folder))
    assert.is(third.streams[0]?.inserted, 31)
    assert.is(third.streams[0]?.tableRows, 481)
    assert.ok((third.streams[0]?.read ?? 0) < 200, 'reads what changed, not everything')
    await assertTableIs(api.events, join(folder, 'events'))
  })
})

it('swaps the whole table in one version with a full refresh', async () => {
  await withJob(300, async ({ api, folder, run }) => {
    report(await run('events.json', '--to', folder))
    const before = await readDelta(join(folder, 'events'))
    api.advance({ updated: 10, added: 5 })
    const refreshed = report(await run('events.json', '--to', folder, '--mode', 'full-refresh'))
    assert.is(refreshed.streams[0]?.read, 305)
    assert.is(refreshed.streams[0]?.version, before.version + 1)
    await assertTableIs(api.events, join(folder, 'events'))
  })
})

it('goes on after --max-pages where it stopped', async () => {
  await withJob(500, async ({ api, folder, run }) => {
    const first = report(await run('events.json', '--to', folder, '--max-pages', '2'))
    assert.is(first.streams[0]?.complete, false)
    assert.is(first.streams[0]?.tableRows, 200)
    const second = report(await run('events.json', '--to', folder))
    assert.is(second.streams[0]?.complete, true)
    assert.is(second.streams[0]?.read, 300)
    await assertTableIs(api.events, join(folder, 'events'))
  })
})

it('writes the key into no file and no output', async () => {
  await withJob(150, async ({ folder, run }) => {
    const good = await run('events.json', '--to', folder, '--debug')
    const bad = await millrace(['run', join(examples, 'events.json'), '--to', folder, '--debug', '--json'], {
      EVENTS_API_URL: 'http://127.0.0.1:9',
      EVENTS_API_KEY: apiKey,
    })
    assert.is(bad.code, 1)
    for (const { stdout, stderr } of [good, bad]) assert.not.match(stdout + stderr, apiKey)
    const names = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const entry of names.filter((each) => each.isFile())) {
      const bytes = await readFile(join(entry.parentPath, entry.name))
      assert.is(bytes.includes(apiKey), false, entry.name)
    }
  })
})

it('takes paths with spaces', async () => {
  await withJob(100, async ({ api, folder }) => {
    await mkdir(join(folder, 'a b'))
    await cp(join(examples, 'events.yaml'), join(folder, 'a b', 'my events.yaml'))
    const result = await millrace(['run', join(folder, 'a b', 'my events.yaml'), '--to', join(folder, 'o ut')], {
      EVENTS_API_URL: api.url,
      EVENTS_API_KEY: apiKey,
    })
    assert.is(result.code, 0, result.stderr)
    await assertTableIs(api.events, join(folder, 'o ut', 'events'))
  })
})

it.run()
