import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import type { Handler } from '../../../test/support/http-server.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { createServe, load, read } from './configured-api.ts'

// What dlt's incremental reading loses or sends, measured with version 1.26.0, and what happens here.
const it = suite('incremental reading where dlt goes wrong')
const serve = createServe(it)

/** Children's cursor values by parent, as dlt was measured with: 1 row of 6 loaded in turns, 2 one after the other. */
const measured = new Map([
  [1, [100]],
  [2, [90]],
  [3, [50]],
  [4, [40]],
  [5, [30]],
  [6, [20]],
])

/** Parents in pages of two, and children of each, whatever was asked for. */
const familyOf =
  (values: ReadonlyMap<number, readonly number[]>): Handler =>
  ({ path, query }) => {
    const page = Number(query.get('page'))
    if (path === '/parents')
      return { json: { data: [...values.keys()].slice(page * 2, page * 2 + 2).map((id) => ({ id })) } }
    const parent = Number(path.split('/')[2])
    return { json: { data: (values.get(parent) ?? []).map((at) => ({ id: `${parent}-${at}`, at })) } }
  }

interface ChildSettings {
  readonly incremental?: object
  readonly resource?: object
}

const familyConfig = ({ incremental = {}, resource = {} }: ChildSettings = {}) => ({
  client: { paginator: 'single_page' },
  resource_defaults: { endpoint: { data_selector: 'data' } },
  resources: [
    { name: 'parents', endpoint: { paginator: 'page_number' } },
    {
      name: 'children',
      primary_key: 'id',
      ...resource,
      endpoint: {
        path: 'parents/{resources.parents.id}/children',
        params: { since: '{incremental.start_value}' },
        incremental: { cursor_path: 'at', initial_value: 0, ...incremental },
      },
    },
  ],
})

const childrenIn = async (folder: string) =>
  (await readDelta(join(folder, 'children'), '"at" DESC')).rows.map(({ id }) => id)

const all = ['1-100', '2-90', '3-50', '4-40', '5-30', '6-20']

it('children of 6 parents over 3 pages all load, whatever their order, and are asked for from one start', async () => {
  for (const resource of [
    { write_disposition: 'append' },
    { write_disposition: 'merge' },
    { write_disposition: 'append', parallelized: true },
    { write_disposition: 'merge', parallelized: true },
  ]) {
    for (const values of [measured, new Map([...measured].map(([id], index) => [id, [(index + 1) * 10]]))]) {
      const server = await serve(familyOf(values))
      await withTempFolder(async (folder) => {
        const report = await load(server, familyConfig({ resource }), folder)
        assert.equal(
          report.streams.map(({ read: rows, complete }) => [rows, complete]),
          [
            [6, true],
            [6, true],
          ],
          JSON.stringify(resource),
        )
        assert.is((await childrenIn(folder)).length, 6)
        const asked = server.requests.filter(({ path }) => path.endsWith('children'))
        assert.equal(
          asked.map(({ query }) => query.get('since')),
          ['0', '0', '0', '0', '0', '0'],
        )
      })
    }
  }
})

it('the next run asks every parent from the furthest value of the last, and loads nothing twice', async () => {
  for (const write_disposition of ['append', 'merge']) {
    let values: ReadonlyMap<number, readonly number[]> = measured
    const server = await serve((request, index) => familyOf(values)(request, index))
    await withTempFolder(async (folder) => {
      const config = familyConfig({ resource: { write_disposition } })
      await load(server, config, folder)
      assert.equal(await childrenIn(folder), all)
      values = new Map([...measured, [6, [20, 110]], [7, [105]]])
      const before = server.requests.length
      const report = await load(server, config, folder)
      assert.equal(await childrenIn(folder), ['6-110', '7-105', ...all])
      assert.is(report.streams[1]?.inserted, 2)
      const asked = server.requests.slice(before).filter(({ path }) => path.endsWith('children'))
      assert.equal(new Set(asked.map(({ query }) => query.get('since'))), new Set(['100']))
    })
  }
})

it('per_parent asks each parent from its own last value, and a new one from the initial value', async () => {
  for (const parallelized of [false, true]) {
    let values: ReadonlyMap<number, readonly number[]> = measured
    const server = await serve((request, index) => familyOf(values)(request, index))
    await withTempFolder(async (folder) => {
      const config = familyConfig({ incremental: { per_parent: true }, resource: { parallelized } })
      await load(server, config, folder)
      assert.equal(await childrenIn(folder), all)
      values = new Map([...measured, [6, [20, 25]], [7, [5]]])
      const before = server.requests.length
      await load(server, config, folder)
      assert.equal(await childrenIn(folder), ['1-100', '2-90', '3-50', '4-40', '5-30', '6-25', '6-20', '7-5'])
      const asked = server.requests.slice(before).filter(({ path }) => path.endsWith('children'))
      assert.equal(Object.fromEntries(asked.map(({ path, query }) => [path.split('/')[2], query.get('since')])), {
        1: '100',
        2: '90',
        3: '50',
        4: '40',
        5: '30',
        6: '20',
        7: '0',
      })
    })
  }
})

it('children that a crash in the middle left out are asked for from the same start', async () => {
  let isDown = true
  const server = await serve((request, index) =>
    isDown && request.path === '/parents/4/children' ? { status: 403 } : familyOf(measured)(request, index),
  )
  await withTempFolder(async (folder) => {
    await failureOf(load(server, familyConfig(), folder))
    isDown = false
    const before = server.requests.length
    await load(server, familyConfig(), folder)
    assert.equal(await childrenIn(folder), all)
    const asked = server.requests.slice(before).filter(({ path }) => path.endsWith('children'))
    assert.equal(
      asked.map(({ query }) => query.get('since')),
      ['0', '0', '0'],
    )
  })
})

it('children of an incremental parent are asked for new parents only, whether the parent is loaded or not', async () => {
  for (const selected of [true, false]) {
    let most = 4
    const server = await serve(({ path, query }) => {
      if (path !== '/parents') return { json: { data: [{ id: path, at: 1 }] } }
      const page = Number(query.get('page'))
      const all = Array.from({ length: most }, (_, index) => ({ id: index + 1, at: index + 1 }))
      return { json: { data: all.slice(page * 2, page * 2 + 2) } }
    })
    const config = {
      resource_defaults: { endpoint: { data_selector: 'data' } },
      resources: [
        {
          name: 'parents',
          selected,
          endpoint: { paginator: 'page_number', incremental: { cursor_path: 'at', initial_value: 0 } },
        },
        { name: 'children', endpoint: { path: 'parents/{resources.parents.id}/children', paginator: 'single_page' } },
      ],
    }
    await withTempFolder(async (folder) => {
      for (const asked of [['1', '2', '3', '4'], ['5', '6'], []]) {
        const before = server.requests.length
        const report = await load(server, config, folder)
        assert.ok(report.streams.every(({ complete, read: rows }) => complete && rows === asked.length))
        const children = server.requests.slice(before).filter(({ path }) => path !== '/parents')
        assert.equal(
          children.map(({ path }) => path.split('/')[2]),
          asked,
        )
        most = 6
      }
    })
  }
})

it('row_order ends the pages of each child early', async () => {
  const server = await serve(({ path, query }) => {
    if (path === '/parents') return { json: { data: query.get('page') === '0' ? [{ id: 1 }, { id: 2 }] : [] } }
    const page = Number(query.get('page'))
    return { json: { data: page < 5 ? [{ id: `${path} ${page}`, at: 10 - page }] : [] } }
  })
  const incremental = { initial_value: 9, row_order: 'desc' }
  const config = familyConfig({ incremental })
  const paged = { ...config, client: { paginator: 'page_number' } }
  const { ids } = await read(server, paged, { stream: 'children' })
  assert.is(ids.length, 4)
  assert.is(server.requests.filter(({ path }) => path.endsWith('children')).length, 6)
})

it('rows before the start are left out whatever the API gives, and the pages after them are read', async () => {
  const ats = [[5, 1], [2, 1], [1], [9]]
  const server = await serve(({ query }) => {
    const page = Number(query.get('page'))
    return { json: (ats[page] ?? []).map((at, row) => ({ id: `${page}-${row}`, at })) }
  })
  const incremental = { cursor_path: 'at', initial_value: 3 }
  const { ids } = await read(server, {
    resources: [{ name: 'items', endpoint: { paginator: 'page_number', incremental } }],
  })
  assert.equal(ids, ['0-0', '3-0'])
})

it('end_value reads its range again, with a stored value or without, and stores none', async () => {
  const server = await serve(() => ({ json: [1, 2, 3, 4].map((at) => ({ id: at, at })) }))
  const config = (end?: number) => ({
    resources: [
      {
        name: 'items',
        primary_key: 'id',
        write_disposition: 'merge',
        endpoint: {
          incremental: { cursor_path: 'at', initial_value: 2, start_param: 'from', ...(end && { end_value: end }) },
        },
      },
    ],
  })
  await withTempFolder(async (folder) => {
    assert.is((await load(server, config(), folder)).streams[0]?.read, 3)
    assert.is((await load(server, config(4), folder)).streams[0]?.read, 2)
    await load(server, config(), folder)
  })
  assert.equal(
    server.requests.map(({ query }) => query.get('from')),
    ['2', '2', '4'],
  )
})

it('lag goes back by seconds for timestamps and by days for dates, in their notation and never beyond the start', async () => {
  const cases = [
    ['2026-01-10T12:00:00+01:00', '2026-01-01T00:00:00Z', 90, '2026-01-10T11:58:30+01:00'],
    ['2026-01-10', '2026-01-01', 2, '2026-01-08'],
    ['2026-01-10', '2026-01-09', 5, '2026-01-09'],
    [100, 0, 7, '93'],
  ] as const
  for (const [at, initial_value, lag, since] of cases) {
    const server = await serve(() => ({ json: [{ id: 1, at }] }))
    const endpoint = { incremental: { cursor_path: 'at', initial_value, lag, start_param: 'since' } }
    const first = await read(server, { resources: [{ name: 'items', endpoint }] })
    await read(server, { resources: [{ name: 'items', endpoint }] }, { committed: first.pages.at(-1)?.position ?? {} })
    assert.equal(
      server.requests.map(({ query }) => query.get('since')),
      [String(initial_value), since],
    )
  }
})

it('rows at the last value come once over any number of runs', async () => {
  const server = await serve(() => ({
    json: [
      { id: 1, at: 5 },
      { id: 2, at: 5 },
    ],
  }))
  const config = { resources: [{ name: 'items', endpoint: { incremental: { cursor_path: 'at', initial_value: 0 } } }] }
  await withTempFolder(async (folder) => {
    for (const inserted of [2, 0, 0]) assert.is((await load(server, config, folder)).streams[0]?.inserted, inserted)
  })
})

it('values of another type than before are an error that names the row', async () => {
  const server = await serve(() => ({ json: [{ id: 1, at: '2026-01-01' }] }))
  const endpoint = { incremental: { cursor_path: 'at', initial_value: 5 } }
  const { code, message } = await failureOf(read(server, { resources: [{ name: 'items', endpoint }] }))
  assert.is(code, 'E_CURSOR_TYPE')
  assert.match(message, /row 0 \(counted from 0\)/)
})

it('the older forms of dlt read as the newer do: an incremental parameter and a resolve parameter', async () => {
  let values: ReadonlyMap<number, readonly number[]> = measured
  const server = await serve((request, index) => familyOf(values)(request, index))
  const config = {
    ...familyConfig(),
    resources: [
      { name: 'parents', endpoint: { paginator: 'page_number' } },
      {
        name: 'children',
        endpoint: {
          path: 'parents/{parent}/children',
          params: {
            parent: { type: 'resolve', resource: 'parents', field: 'id' },
            since: { type: 'incremental', cursor_path: 'at', initial_value: 0 },
          },
        },
      },
    ],
  }
  await withTempFolder(async (folder) => {
    await load(server, config, folder)
    assert.equal(await childrenIn(folder), all)
    values = new Map([[6, [120]]])
    await load(server, config, folder)
    assert.equal(await childrenIn(folder), ['6-120', ...all])
    const asked = server.requests.filter(({ path }) => path.endsWith('children'))
    assert.is(asked.at(-1)?.url, '/parents/6/children?since=100')
  })
})

it.run()
