import { appendFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { type LakeOptions, lake, openLake } from '@millrace/lake'
import { type TableRef, type TableReport, upsertRules } from '@millrace/pipeline'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('lake as Delta tables')

const table: TableRef = {
  stream: 'events',
  table: 'events',
  disposition: 'merge',
  primaryKey: ['id'],
  mode: 'incremental',
  configuration: '',
}

it('writes the first version as the protocol asks', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [{ id: 1, at: '2024-01-01T00:00:00.000001Z', tags: ['a'], nested: { flag: true, score: 0.5 } }])
    const actions = await commitOf(folder, 0)
    assert.equal(
      actions.map((action) => Object.keys(action)[0]),
      ['commitInfo', 'protocol', 'metaData', 'txn', 'add'],
    )
    const [info, protocol, metadata, txn, add] = actions.map((action) => Object.values(action)[0])
    assert.is(info?.['operation'], 'MERGE')
    assert.equal(protocol, { minReaderVersion: 1, minWriterVersion: 2 })
    assert.equal(JSON.parse(String(metadata?.['schemaString'])), {
      type: 'struct',
      fields: [
        field('id', 'long'),
        field('at', 'timestamp'),
        field('tags', { type: 'array', elementType: 'string', containsNull: true }),
        field('nested', { type: 'struct', fields: [field('flag', 'boolean'), field('score', 'double')] }),
      ],
    })
    assert.equal(metadata?.['partitionColumns'], [])
    assert.equal(metadata?.['format'], { provider: 'parquet', options: {} })
    assert.equal([txn?.['appId'], txn?.['version']], ['shop/events', 1])
    assert.equal(add?.['partitionValues'], {})
    assert.is(add?.['dataChange'], true)
    assert.equal(JSON.parse(String(add?.['stats'])), {
      numRecords: 1,
      minValues: { id: 1, at: '2024-01-01T00:00:00.000001Z' },
      maxValues: { id: 1, at: '2024-01-01T00:00:00.000001Z' },
      nullCount: { id: 0, at: 0 },
    })
  })
})

it('is read alike by this package, by DuckDB and by hyparquet, at every version', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [
      { id: 1, v: 'a' },
      { id: 2, v: 'b' },
    ])
    await load(folder, [{ id: 2, v: 'c', late: 1.5 }, { id: 9007199254740993n }])
    await load(folder, [{ id: 1, v: 'd' }], { replace: true })
    const sizes: number[] = []
    for (const version of [0, 1, 2]) {
      const at = await openLake(folder).table('events', { version })
      const ours: unknown[] = []
      for await (const row of at.rows()) ours.push(row['id'])
      const theirs: unknown[] = []
      for (const { path } of at.files) {
        const file = await asyncBufferFromFile(path)
        theirs.push(...(await parquetReadObjects({ file, compressors })).map((row) => row['id']))
      }
      assert.equal(ours.map(String).sort(), theirs.map(String).sort())
      assert.is(at.rowCount, ours.length)
      sizes.push(ours.length)
    }
    assert.equal(sizes, [2, 3, 1])
    assert.equal((await readDelta(join(folder, 'events'))).rows, [{ id: '1', v: 'd', late: null }])
  })
})

it('keeps files of which no row is replaced, and tells the others by the statistics alone', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [{ id: 1 }, { id: 2 }])
    await load(folder, [{ id: 9007199254740993n }, { id: 11 }])
    const [first = ''] = (await readDelta(join(folder, 'events'))).files
    // Were it opened, the commit would fail.
    await rename(first, `${first}.hidden`)
    const report = await load(folder, [{ id: 11, v: 'new' }, { id: 9007199254740992n }])
    await rename(`${first}.hidden`, first)
    assert.equal([report?.inserted, report?.updated, report?.filesRemoved, report?.rows], [1, 1, 1, 5])
    const ids = (await readDelta(join(folder, 'events'))).rows.map(({ id }) => id)
    assert.equal(ids.sort(), ['1', '11', '2', '9007199254740992', '9007199254740993'])
  })
})

it('finds a key again that JSON would have rounded in the statistics', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [{ id: 9007199254740993n, v: 'old' }])
    const report = await load(folder, [{ id: 9007199254740993n, v: 'new' }])
    assert.equal([report?.updated, report?.rows], [1, 1])
  })
})

it('commits with others that change the table at the same time, and loses no row of anybody', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [{ id: 0, v: 'start' }])
    const writers = [1, 2, 3, 4, 5, 6]
    const reports = await Promise.all(
      writers.map((id) =>
        load(
          folder,
          [
            { id, v: 'own' },
            { id: 0, v: `${id}` },
          ],
          { pipeline: `pipeline ${id}` },
        ),
      ),
    )
    assert.equal(reports.map((report) => report?.version).sort(), writers)
    const { rows, version } = await readDelta(join(folder, 'events'))
    assert.is(version, 6)
    assert.equal(
      rows.map(({ id }) => Number(id)),
      [0, ...writers],
    )
    const states = await openLake(folder).state()
    assert.equal(states.map(({ pipeline }) => pipeline).sort(), [...writers.map((id) => `pipeline ${id}`), 'shop'])
  })
})

it('keeps what others have put into the table', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [{ id: 1, v: 'a' }])
    const [, , metaData] = await commitOf(folder, 0)
    const own = metaData?.['metaData'] as { configuration: object }
    const configuration = { ...own.configuration, 'delta.logRetentionDuration': 'interval 5 days' }
    await foreignCommit(folder, 1, [
      { metaData: { ...own, name: 'theirs', description: 'a text', configuration } },
      { txn: { appId: 'theirs', version: 7 } },
    ])
    await load(folder, [{ id: 2 }])
    const last = (await commitOf(folder, 2)).find((action) => action['metaData'])?.['metaData']
    assert.equal([last?.['name'], last?.['description']], ['theirs', 'a text'])
    const kept = last?.['configuration'] as Record<string, string>
    assert.is(kept['delta.logRetentionDuration'], 'interval 5 days')
  })
})

it('counts rows that another writer did not count, and reads its encoded paths', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [{ id: 1 }, { id: 2 }])
    const [file = ''] = (await readDelta(join(folder, 'events'))).files
    await rename(file, join(folder, 'events', 'a file+[1].parquet'))
    await foreignCommit(folder, 1, [
      { remove: { path: file.slice(join(folder, 'events').length + 1), dataChange: true } },
      {
        add: { path: 'a%20file+%5B1%5D.parquet', partitionValues: {}, size: 1, modificationTime: 0, dataChange: true },
      },
    ])
    assert.is((await openLake(folder).table('events')).rowCount, undefined)
    const report = await load(folder, [{ id: 2, v: 'new' }, { id: 3 }])
    assert.equal([report?.inserted, report?.updated, report?.rows], [1, 1, 3])
  })
})

it('refuses to work with what it does not understand, and says what that is', async () => {
  const refused: readonly [string, string, object][] = [
    ['reader version 3', 'E_UNSUPPORTED_TABLE', { protocol: { minReaderVersion: 3, minWriterVersion: 7 } }],
    ['timestamp_ntz', 'E_UNSUPPORTED_TABLE', { metaData: metadataOf({ schemaString: schemaOf('timestamp_ntz') }) }],
    ['is no JSON', 'E_CORRUPT', { metaData: metadataOf({ schemaString: 'no schema' }) }],
    [
      'deletion vectors',
      'E_UNSUPPORTED_TABLE',
      { add: { ...addOf('a.parquet'), deletionVector: { storageType: 'u' } } },
    ],
    ['outside of its folder', 'E_UNSUPPORTED_TABLE', { add: addOf('../other/a.parquet') }],
    ['outside of its folder', 'E_UNSUPPORTED_TABLE', { add: addOf('s3://bucket/a.parquet') }],
    ['"add" without a valid "path"', 'E_CORRUPT', { add: { size: 1 } }],
  ]
  for (const [message, code, action] of refused) {
    await withTempFolder(async (folder) => {
      await load(folder, [{ id: 1 }])
      await foreignCommit(folder, 1, [action])
      await fails(async () => openLake(folder).table('events'), code, message)
      await fails(() => load(folder, [{ id: 2 }]), code, message)
      assert.equal((await readdir(join(folder, 'events', '_delta_log'))).length, 2)
    })
  }
})

it('reads, but does not write, where only writers have to know more', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [{ id: 1 }])
    await foreignCommit(folder, 1, [{ protocol: { minReaderVersion: 1, minWriterVersion: 4 } }])
    assert.is((await openLake(folder).table('events')).rowCount, 1)
    await fails(() => load(folder, [{ id: 2 }]), 'E_UNSUPPORTED_TABLE', 'writer version 4')
  })
})

it('replaces nothing in a table that only takes additions', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [{ id: 1 }])
    const [, , metaData] = await commitOf(folder, 0)
    const own = metaData?.['metaData'] as { configuration: object }
    const configuration = { ...own.configuration, 'delta.appendOnly': 'true' }
    await foreignCommit(folder, 1, [{ metaData: { ...own, configuration } }])
    await fails(() => load(folder, [{ id: 1, v: 'new' }]), 'E_UNSUPPORTED_TABLE', 'delta.appendOnly')
    assert.is((await readDelta(join(folder, 'events'))).version, 1)
  })
})

it('says what is wrong with a log that is damaged', async () => {
  await withTempFolder(async (folder) => {
    for (let id = 1; id <= 3; id++) await load(folder, [{ id }])
    const log = join(folder, 'events', '_delta_log')
    const [first = '', second = '', third = ''] = (await readdir(log)).sort()
    const read = async (): Promise<unknown> => openLake(folder).table('events')
    await appendFile(join(log, third), '{"add":')
    await fails(read, 'E_CORRUPT', `the commit ${join(log, third)} is not as it was written`)
    await rename(join(log, second), join(log, 'away'))
    await fails(read, 'E_CORRUPT', 'commit 1 of table')
    await rename(join(log, first), join(log, '00000000000000000002.checkpoint.parquet'))
    await fails(read, 'E_CORRUPT', '2.checkpoint.parquet cannot be read')
  })
})

it('starts no stream anew because its stored state was edited', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [{ id: 1 }])
    const metadata = (await commitOf(folder, 0)).find((action) => action['metaData'])
    await foreignCommit(folder, 1, [JSON.parse(JSON.stringify(metadata).replace('\\"format\\":1', '\\"format\\":9'))])
    await fails(() => load(folder, [{ id: 2 }]), 'E_CORRUPT', 'state of a stream')
  })
})

it('passes over tables of others that it cannot read, with a warning', async () => {
  await withTempFolder(async (folder) => {
    const log = join(folder, 'theirs', '_delta_log')
    await mkdir(log, { recursive: true })
    await writeFile(join(log, '00000000000000000009.checkpoint.parquet'), '')
    const warnings: string[] = []
    const session = await lake(folder).open(
      { pipeline: 'shop', run: 'r' },
      { emit: (event) => event.type === 'warning' && warnings.push(event.message) },
    )
    await session.close()
    assert.is(warnings.length, 1)
    assert.match(warnings[0] ?? '', /"theirs" is passed over/)
    await load(folder, [{ id: 1 }])
  })
})

it('finds tables, versions and history, and says what is not there', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, [{ id: 1 }])
    await load(folder, [{ id: 2 }], { replace: true })
    await mkdir(join(folder, 'no table'))
    const opened = openLake(folder)
    assert.equal(await opened.tables(), ['events'])
    const events = await opened.table('events')
    assert.equal(
      (await events.history()).map(({ version, operation }) => [version, operation]),
      [
        [1, 'WRITE'],
        [0, 'MERGE'],
      ],
    )
    await fails(() => opened.table('nothing'), 'E_TABLE_NOT_FOUND', 'its tables are events')
    await fails(() => opened.table('events', { version: 5 }), 'E_VERSION_NOT_FOUND', 'those that can are 0 to 1')
    await fails(() => opened.table('../events'), 'E_TABLE_NAME', '"../events" cannot be the name')
  })
})

it('refuses table names that would leave the folder, hide in it or look like another', async () => {
  await withTempFolder(async (folder) => {
    const names = [
      '',
      '.',
      '..',
      '../x',
      'a/b',
      'a\\b',
      'a\0b',
      '_delta_log',
      '.hidden',
      'a.',
      ' a',
      'a ',
      'CON',
      'lpt1.txt',
    ]
    const more = ['x'.repeat(201), 'a\u0308', 'a\u202eb', 'a*b', 'a\nb', '\ud800', 'C:']
    for (const name of [...names, ...more]) {
      await fails(() => load(folder, [{ id: 1 }], {}, { ...table, table: name }), 'E_TABLE_NAME', '')
    }
    assert.equal(await readdir(folder), ['_millrace'])
    for (const name of ['ä', '漢字', '🙂', "it's [1]", 'a.b', 'year=2024', '100%', 'x'.repeat(200)]) {
      await load(folder, [{ id: 1 }], {}, { ...table, table: name })
      await load(folder, [{ id: 1 }], {}, { ...table, table: name })
      assert.is((await readDelta(join(folder, name))).rows.length, 1, name)
    }
  })
})

it('stores column names as they are, and refuses those that would be lost, before anything is staged', async () => {
  await withTempFolder(async (folder) => {
    await fails(() => load(folder, [{ id: 1, file_index: 1 }]), 'E_COLUMN_NAME', '"file_index"')
    await load(folder, [{ id: 1, name: 'a' }])
    const mixed = { ...table, stream: 'mixed', disposition: 'append' as const }
    const batch = createConverter().convert([{ NAME: 'b' }])
    const session = await lake(folder).open({ pipeline: 'shop', run: 'mixed' })
    const checkpoint = { position: {}, pages: 1, rows: 1 }
    await fails(() => session.stage([{ table: mixed, batch }], checkpoint), 'E_COLUMN_NAME', '"name" only in case')
    await session.close()

    const odd = { 'a.b': 1, 'a b': 2, 'a,b': 3, "it's": 4, '"': 5, '`': 6, 'a=(b)': 7, select: 8, filename: 'f' }
    await load(folder, [{ id: 1, ...odd }])
    await load(folder, [
      { id: 2, ...odd, nested: { 'x y': 1 } },
      { id: 1, ...odd, select: 9 },
    ])
    const { rows: stored } = await readDelta(join(folder, 'events'), 'id')
    assert.equal(
      stored.map((row) => Object.keys(odd).map((name) => row[name])),
      [
        ['1', '2', '3', '4', '5', '6', '7', '9', 'f'],
        ['1', '2', '3', '4', '5', '6', '7', '8', 'f'],
      ],
    )
  })
})

it.run()

type Action = Record<string, Record<string, unknown>>

async function load(
  folder: string,
  rows: readonly Row[],
  { pipeline = 'shop', replace = false, ...options }: LakeOptions & { pipeline?: string; replace?: boolean } = {},
  ref: TableRef = table,
): Promise<TableReport | undefined> {
  const session = await lake(folder, options).open({ pipeline, run: `${pipeline} ${loads++}` })
  try {
    const schema = await session.schema(ref)
    const checkpoint = { position: { load: loads }, pages: 1, rows: rows.length }
    await session.stage([{ table: ref, batch: createConverter(schema ? { schema } : {}).convert(rows) }], checkpoint)
    const { tables } = await session.commit({
      tables: [{ table: ref, checkpoint, replace, merge: { ...upsertRules, isWhole: false, at: 0 } }],
    })
    return tables[0]
  } catch (thrown) {
    await session.abort()
    throw thrown
  } finally {
    await session.close()
  }
}
// Run names must differ: a commit of the same run is done once.
let loads = 0

async function commitOf(folder: string, version: number): Promise<readonly Action[]> {
  const text = await readFile(join(folder, 'events', '_delta_log', `${String(version).padStart(20, '0')}.json`), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Action)
}

async function foreignCommit(folder: string, version: number, actions: readonly object[]): Promise<void> {
  const path = join(folder, 'events', '_delta_log', `${String(version).padStart(20, '0')}.json`)
  await writeFile(path, actions.map((action) => JSON.stringify(action)).join('\n'))
}

function field(name: string, type: unknown): object {
  return { name, type, nullable: true, metadata: {} }
}

function schemaOf(type: string): string {
  return JSON.stringify({ type: 'struct', fields: [field('id', type)] })
}

function metadataOf(change: object): object {
  const format = { provider: 'parquet', options: {} }
  return { id: 'x', format, schemaString: schemaOf('long'), partitionColumns: [], configuration: {}, ...change }
}

function addOf(path: string): object {
  return { path, partitionValues: {}, size: 1, modificationTime: 0, dataChange: true }
}

async function fails(work: () => Promise<unknown>, code: string, message: string): Promise<void> {
  const error = await failureOf(work())
  assert.is(error.code, code, error.message)
  assert.ok(error.message.includes(message), `${error.message} does not say ${message}`)
}
