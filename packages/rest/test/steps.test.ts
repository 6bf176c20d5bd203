import type { Row } from '@millrace/core'
import type { Stream } from '@millrace/pipeline'
import { type ProcessingStep, type ResourceConfig, restSource } from '@millrace/rest'
import { type } from 'arktype'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as v from 'valibot'
import { z } from 'zod'
import { failureOf } from '../../../test/support/failure-of.ts'
import { type HttpServer, startHttpServer } from '../../../test/support/http-server.ts'
import { columnOf, readPages, recordEvents } from '../../../test/support/read-pages.ts'

const it = suite('processing steps')

let server: HttpServer
it.before(async () => {
  const pages = [
    [1, 2, 3],
    [4, 5],
  ]
  server = await startHttpServer(({ query }) => ({
    json: { data: (pages[Number(query.get('page'))] ?? []).map((id) => ({ id, at: id * 10 })), pages: 2 },
  }))
})
it.after(() => server.close())

function stream(processingSteps: readonly ProcessingStep[], more: Partial<ResourceConfig> = {}): Stream {
  const [only] = restSource({
    client: { baseUrl: server.url, paginator: { type: 'page_number', totalPath: 'pages' } },
    resources: [
      { name: 'things', processingSteps, ...more, endpoint: { dataSelector: 'data', ...(more.endpoint as object) } },
    ],
  }).streams()
  if (!only) throw new Error('no stream')
  return only
}

const idOf = (row: Row): number => Number(row['id'])
const later = async <T>(value: T): Promise<T> => value

it('filters, maps and multiplies rows, in order, at once or later', async () => {
  const steps: ProcessingStep[] = [
    { filter: (row) => idOf(row) !== 2 },
    { map: (row) => ({ id: idOf(row) * 100 }) },
    { yieldMap: (row) => [row, { id: idOf(row) + 1 }] },
    { filter: async (row) => later(idOf(row) !== 401) },
    { map: async (row) => later({ ...row, seen: true }) },
    {
      async *yieldMap(row) {
        yield await later(row)
      },
    },
    { yieldMap: async (row) => later([row]) },
  ]
  const pages = await readPages(stream(steps))
  assert.equal(columnOf(pages, 'id'), [100, 101, 300, 301, 400, 500, 501])
  assert.ok(pages.every(({ rows }) => rows.every((row) => row['seen'] === true)))
  assert.equal(
    pages.map(({ rows }) => rows.length),
    [4, 3],
  )
})

it('runs steps before rows are told to be old or new', async () => {
  const pages = await readPages(
    stream([{ map: (row) => ({ ...row, at: idOf(row) }) }], {
      endpoint: { incremental: { cursorPath: 'at', initialValue: 3 } },
    }),
  )
  assert.equal(columnOf(pages, 'id'), [3, 4, 5])
})

it('names step, row and answer where a function fails or gives no row', async () => {
  const failing = await failureOf(
    readPages(
      stream([
        { filter: () => true },
        {
          map: (row) => {
            if (idOf(row) === 5) throw new TypeError('no such field')
            return row
          },
        },
      ]),
    ),
  )
  assert.is(failing.code, 'E_ROW_FUNCTION')
  assert.match(
    failing.message,
    /the map function of step 1 failed at row 1 \(counted from 0\) of http.*page=1: no such field/,
  )
  assert.is(failing.context['row'], 1)
  const noRow = await failureOf(readPages(stream([{ map: () => 5 as never }])))
  assert.match(noRow.message, /step 0 failed at row 0.*it gave number, and a row must be an object/)
  for (const several of [5, null]) {
    const noRows = await failureOf(readPages(stream([{ yieldMap: () => several as never }])))
    assert.match(
      noRows.message,
      /the yieldMap function of step 0 failed at row 0.*it gave (number|null), expected rows/,
    )
  }
  const lateFailure = await failureOf(
    readPages(stream([{ filter: async (row) => later(row).then(() => Promise.reject(new Error('late'))) }])),
  )
  assert.match(lateFailure.message, /the filter function of step 0 failed at row 0.*late/)
})

it('holds rows to a schema of zod, valibot or arktype, and takes what it gives', async () => {
  const schemas = [
    z.object({ id: z.number() }).transform(({ id }) => ({ id: `z${id}` })),
    v.pipe(
      v.object({ id: v.number() }),
      v.transform(({ id }) => ({ id: `z${id}` })),
    ),
    type({ id: 'number' }).pipe(({ id }) => ({ id: `z${id}` })),
  ]
  for (const validate of schemas) {
    assert.equal(columnOf(await readPages(stream([{ validate }])), 'id'), ['z1', 'z2', 'z3', 'z4', 'z5'])
  }
})

it('fails at a row that does not fit, or leaves it out and says how many, as asked', async () => {
  const validate = z.object({ id: z.number().max(3), at: z.number() })
  const failure = await failureOf(readPages(stream([{ validate }])))
  assert.is(failure.code, 'E_ROW_INVALID')
  assert.match(failure.message, /row 0 \(counted from 0\) of http.*page=1 does not fit the schema of step 0: id: /)

  const events = recordEvents()
  const pages = await readPages(stream([{ validate, onInvalid: 'discard' }]), { emit: events.emit })
  assert.equal(columnOf(pages, 'id'), [1, 2, 3])
  const [warning, ...others] = events.of('warning')
  assert.is(others.length, 0)
  assert.match(
    JSON.stringify(warning),
    /2 rows did not fit the schema and were left out; the first: row 0 .*page=1: id: /,
  )
})

it('does not wait for rows whose functions answer at once', async () => {
  let turns = 0
  const count =
    Symbol.asyncIterator in
    stream([]).read({ mode: 'incremental', signal: new AbortController().signal, emit: () => {} })
  assert.ok(count)
  const steps: ProcessingStep[] = [
    {
      filter: (row) => {
        if (idOf(row) === 1) void Promise.resolve().then(() => (turns += 1))
        // A microtask that began at the first row has had no turn before the last.
        if (idOf(row) === 3) assert.is(turns, 0)
        return true
      },
    },
  ]
  assert.is(columnOf(await readPages(stream(steps)), 'id').length, 5)
  assert.is(turns, 1)
})

it.run()
