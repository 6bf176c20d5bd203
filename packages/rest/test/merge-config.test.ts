import type { Stream } from '@millrace/pipeline'
import { restSource } from '@millrace/rest'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { problemLinesOf } from '../../../test/support/config-problems.ts'

const it = suite('merging in a configuration')

const client = { base_url: 'https://api.example.com' }

function streamOf(resource: Readonly<Record<string, unknown>>, defaults = {}): Stream | undefined {
  const config = { client, resource_defaults: defaults, resources: [{ name: 'a', ...resource }] }
  // @ts-expect-error dlt's spelling, as it stands in a file.
  return restSource(config).streams()[0]
}

it('takes how rows are merged in the spelling of dlt', () => {
  const stream = streamOf({
    primary_key: 'id',
    merge_key: ['day', 'shop'],
    write_disposition: {
      disposition: 'merge',
      strategy: 'scd2',
      deduplicated: true,
      validity_column_names: ['from', 'to'],
      active_record_timestamp: '9999-12-31',
      boundary_timestamp: '2024-08-21T12:15:00+00:00',
      row_version_column_name: 'version',
    },
    columns: { gone: { hard_delete: true }, at: { dedup_sort: 'desc', data_type: 'timestamp' } },
  })
  assert.is(stream?.disposition, 'merge')
  assert.equal(stream?.merge, {
    strategy: 'scd2',
    validityColumnNames: ['from', 'to'],
    activeRecordTimestamp: '9999-12-31',
    boundaryTimestamp: '2024-08-21T12:15:00+00:00',
    rowVersionColumnName: 'version',
    mergeKey: ['day', 'shop'],
    hardDelete: 'gone',
    dedupSort: { column: 'at', order: 'desc' },
  })
  assert.equal(Object.keys(stream?.schema?.columns ?? {}), ['at'], 'a hint alone declares no column')
})

it('adds what columns say of themselves to the keys, and takes over the defaults', () => {
  const hints = { day: { merge_key: true }, id: { primary_key: true } }
  const stream = streamOf({ columns: hints }, { write_disposition: 'merge', merge_key: 'shop' })
  assert.equal(stream?.merge, { mergeKey: ['shop', 'day'] })
  assert.equal(stream?.primaryKey, ['id'])
  const deleted = streamOf({}, { primary_key: 'id', write_disposition: { disposition: 'merge', deleted_rows: 'mark' } })
  assert.equal(deleted?.merge, { deletedRows: 'mark' })
})

it('partitions by the columns that say so, in their order', () => {
  const columns = { day: { partition: true, data_type: 'date' }, id: { partition: false }, shop: {} }
  const stream = streamOf(
    { columns: { ...columns, shop: { partition: true } } },
    { columns: { shop: { description: 'which' } } },
  )
  assert.equal(stream?.partitionBy, ['shop', 'day'])
  assert.equal(Object.keys(stream?.schema?.columns ?? {}), ['day'])
  assert.is(streamOf({ columns: { day: { data_type: 'date' } } })?.partitionBy, undefined)
})

it('says nothing of merging where rows are added, whatever columns say', () => {
  const stream = streamOf({ merge_key: 'day', columns: { gone: { hard_delete: true } } })
  assert.is(stream?.disposition, 'append')
  assert.is(stream?.merge, undefined)
})

it('refuses what makes no sense, with its place', () => {
  const key = { primary_key: 'id' }
  const merge = (more: Readonly<Record<string, unknown>>) => ({ write_disposition: { disposition: 'merge', ...more } })
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ write_disposition: 'merge' }, 'primary_key: is missing: merge keeps one row per primary key'],
    [
      merge({ strategy: 'delete-insert' }),
      'primary_key: is missing: strategy "delete-insert" needs a primary key or a',
    ],
    [
      { ...key, ...merge({ strategy: 'insert' }) },
      'write_disposition.strategy: expected "upsert", "delete-insert", "insert-only" or "scd2"',
    ],
    [
      { ...key, merge_key: 'day', ...merge({ strategy: 'upsert' }) },
      'merge_key: says nothing to strategy "upsert": take "delete-insert" or "scd2", or leave it out',
    ],
    [
      { ...key, ...merge({ strategy: 'scd2', deleted_rows: 'mark' }) },
      'write_disposition.deleted_rows: says nothing to strategy "scd2"',
    ],
    [
      { ...key, ...merge({ strategy: 'insert-only' }), columns: { gone: { hard_delete: true } } },
      'columns.gone.hard_delete: deletes rows, and strategy "insert-only" leaves all as they are',
    ],
    [
      { ...key, ...merge({ boundary_timestamp: '2024-01-01' }) },
      'write_disposition.boundary_timestamp: is for strategy "scd2", and this is "upsert"',
    ],
    [
      { ...key, ...merge({ strategy: 'scd2', boundary_timestamp: 'noon' }) },
      'write_disposition.boundary_timestamp: is "noon": give a date or a time in ISO 8601',
    ],
    [
      { ...key, ...merge({ strategy: 'scd2', validity_column_names: ['a', 'A'] }) },
      'write_disposition.validity_column_names: needs two names',
    ],
    [
      { write_disposition: { disposition: 'append', strategy: 'scd2' } },
      'write_disposition.strategy: says how rows are merged, and the disposition is "append"',
    ],
    [
      { ...key, ...merge({}), columns: { a: { dedup_sort: 'asc' }, b: { dedup_sort: 'desc' } } },
      'columns.b.dedup_sort: is the second column that says so; only one can',
    ],
  ]
  for (const [resource, expected] of cases) {
    const lines = problemLinesOf({ client, resources: [{ name: 'a', ...resource }] })
    assert.is(lines.length, 1, `${JSON.stringify(resource)}: ${lines}`)
    assert.ok(lines[0]?.startsWith(`resources[0].${expected}`), `${lines[0]} is not ${expected}`)
  }
})

it('knows whether a read has all rows there are', () => {
  const readsAll = (resource: Readonly<Record<string, unknown>>, committed?: Readonly<Record<string, never>>) =>
    streamOf(resource)?.readsAll?.(committed)
  assert.is(readsAll({}), true)
  assert.is(
    readsAll({ endpoint: { incremental: { cursor_path: 'at' }, params: { a: '{incremental.start_value}' } } }),
    false,
  )
  assert.is(readsAll({ endpoint: { paginator: { type: 'offset', maximum_offset: 100 } } }), false)
  const { configuration = '' } = streamOf({}) ?? {}
  const stream = streamOf({})
  assert.is(
    stream?.readsAll?.({ configuration, paging: { done: true }, page: 2 }),
    true,
    'the last run came to the end',
  )
  assert.is(stream?.readsAll?.({ configuration, paging: { offset: 100 }, page: 1 }), false, 'it goes on in the middle')
})

it.run()
