import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ColumnHint, createConverter, isJsonField, toSchema } from '@millrace/arrow'
import { lake, openLake } from '@millrace/lake'
import { readParquet } from '@millrace/parquet'
import { type TableRef, upsertRules } from '@millrace/pipeline'
import {
  type Data,
  type DataType,
  Field,
  Float32,
  Int64,
  LargeUtf8,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Uint32,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('the types of the lake')

const table: TableRef = {
  stream: 'all',
  table: 'all',
  disposition: 'merge',
  primaryKey: ['i'],
  mode: 'incremental',
  configuration: '',
}

/** A column of one type, with its values as the library's builders take them and as DuckDB gives them. */
interface Case {
  readonly type: DataType
  readonly delta: string
  readonly values: readonly unknown[]
  readonly read: readonly unknown[]
}

/** 128 bits, as Arrow has them: two's complement, the low word first. */
function decimal(digits: bigint): Uint32Array {
  const words = BigInt.asUintN(128, digits)
  return Uint32Array.from([0, 32, 64, 96].map((shift) => Number((words >> BigInt(shift)) & 0xffff_ffffn)))
}

const typeOf = (hint: ColumnHint): DataType => toSchema({ a: hint }).fields[0]?.type as DataType
const day = (text: string): Date => new Date(`${text}T00:00:00Z`)

const cases: Readonly<Record<string, Case>> = {
  i: {
    type: typeOf({ dataType: 'bigint', precision: 32 }),
    delta: 'integer',
    values: [1, -2147483648, 3],
    read: [1, -2147483648, 3],
  },
  i8: {
    type: typeOf({ dataType: 'bigint', precision: 8 }),
    delta: 'byte',
    values: [127, null, -128],
    read: [127, null, -128],
  },
  i16: {
    type: typeOf({ dataType: 'bigint', precision: 16 }),
    delta: 'short',
    values: [32767, null, -1],
    read: [32767, null, -1],
  },
  i64: { type: new Int64(), delta: 'long', values: [2n ** 62n, null, -1n], read: [String(2n ** 62n), null, '-1'] },
  f32: { type: new Float32(), delta: 'float', values: [1.5, null, -0.25], read: [1.5, null, -0.25] },
  money: {
    type: typeOf({ dataType: 'decimal', precision: 12, scale: 2 }),
    delta: 'decimal(12,2)',
    values: [decimal(1234n), null, decimal(-999_999_999_999n)],
    read: ['12.34', null, '-9999999999.99'],
  },
  wide: {
    type: typeOf({ dataType: 'decimal' }),
    delta: 'decimal(38,9)',
    values: [decimal(10n ** 37n + 1n), null, decimal(-1n)],
    read: ['10000000000000000000000000000.000000001', null, '-0.000000001'],
  },
  wei: {
    type: typeOf({ dataType: 'wei' }),
    delta: 'decimal(38,0)',
    values: [decimal(10n ** 38n - 1n), null, decimal(0n)],
    read: ['99999999999999999999999999999999999999', null, '0'],
  },
  fraction: {
    type: typeOf({ dataType: 'decimal', precision: 5, scale: 5 }),
    delta: 'decimal(5,5)',
    values: [decimal(1n), null, decimal(-99_999n)],
    read: ['0.00001', null, '-0.99999'],
  },
  day: {
    type: typeOf({ dataType: 'date' }),
    delta: 'date',
    values: [day('2024-02-29'), null, day('1969-12-31')],
    read: ['2024-02-29', null, '1969-12-31'],
  },
  bytes: {
    type: typeOf({ dataType: 'binary' }),
    delta: 'binary',
    values: [Uint8Array.of(0, 255, 65), null, new Uint8Array(0)],
    read: ['\\x00\\xFFA', null, ''],
  },
}

const schema = new Schema(Object.entries(cases).map(([name, { type }]) => new Field(name, type, name !== 'i')))

/** The rows of the cases with these numbers. */
function batchOf(rows: readonly number[], fields: Schema = schema): RecordBatch {
  const children = fields.fields.map(({ name, type }): Data => {
    const values = rows.map((row) => cases[name]?.values[row] ?? null)
    return vectorFromArray(values, type).data[0] as Data
  })
  return new RecordBatch(
    fields,
    makeData({ type: new Struct(fields.fields), length: rows.length, nullCount: 0, children }),
  )
}

async function load(folder: string, run: string, batch: RecordBatch): Promise<void> {
  const session = await lake(folder).open({ pipeline: 'types', run })
  const checkpoint = { position: { run }, pages: 1, rows: batch.numRows }
  await session.stage([{ table, batch }], checkpoint)
  await session.commit({
    tables: [{ table, checkpoint, replace: false, merge: { ...upsertRules, isWhole: false, at: 0 } }],
  })
  await session.close()
}

async function firstActions(folder: string): Promise<Record<string, unknown>> {
  const lines = (await readFile(join(folder, 'all', '_delta_log', `${'0'.repeat(20)}.json`), 'utf8')).trim().split('\n')
  return Object.assign({}, ...lines.map((line) => JSON.parse(line) as object)) as Record<string, unknown>
}

it('come back as they were: from our own files, and from those that a merge has written', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, 'r1', batchOf([0, 1, 2]))
    // The same key with nothing else, and again with all: DuckDB writes the first file anew without it.
    await load(folder, 'r2', batchOf([0], new Schema(schema.fields.filter(({ name }) => name === 'i'))))
    await load(folder, 'r3', batchOf([0]))
    const { rows, files } = await readDelta(join(folder, 'all'), 'i = 1 DESC, i = -2147483648 DESC')
    assert.is(files.length, 2)
    for (const [name, { read }] of Object.entries(cases)) {
      assert.equal(
        rows.map((row) => row[name]),
        read,
        name,
      )
    }
    const found = await openLake(folder).table('all')
    assert.is(String(found.schema), String(schema))
    assert.equal(
      found.schema.fields.map(({ nullable }) => nullable),
      schema.fields.map(({ nullable }) => nullable),
    )
    let count = 0
    for await (const batch of found.batches()) {
      assert.is(String(batch.schema), String(schema))
      count += batch.numRows
    }
    assert.is(count, 3)
  })
})

it('have the names and the bounds that Delta Lake gives them', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, 'r1', batchOf([0, 1, 2]))
    const { metaData, add } = (await firstActions(folder)) as {
      metaData: { schemaString: string }
      add: { stats: string }
    }
    const { fields } = JSON.parse(metaData.schemaString) as {
      fields: { name: string; type: string; nullable: boolean }[]
    }
    assert.equal(
      fields.map(({ name, type, nullable }) => [name, type, nullable]),
      Object.entries(cases).map(([name, { delta }]) => [name, delta, name !== 'i']),
    )
    assert.match(add.stats, '"i":-2147483648')
    assert.match(add.stats, '"money":-9999999999.99')
    assert.match(add.stats, '"wei":99999999999999999999999999999999999999')
    assert.match(add.stats, '"fraction":-0.99999')
    const stats = JSON.parse(add.stats) as Record<string, Record<string, unknown>>
    assert.equal([stats['minValues']?.['day'], stats['maxValues']?.['day']], ['1969-12-31', '2024-02-29'])
    assert.equal([stats['minValues']?.['i8'], stats['maxValues']?.['f32']], [-128, 1.5])
    assert.is(stats['minValues']?.['bytes'], undefined)
    assert.is(stats['nullCount']?.['bytes'], 1)
  })
})

it('spare a merge the files whose small integers are out of reach', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, 'r1', batchOf([0, 2]))
    const { files } = await readDelta(join(folder, 'all'))
    for (const file of files) await rm(file)
    await load(folder, 'r2', batchOf([1]))
    assert.is((await openLake(folder).table('all')).rowCount, 3)
  })
})

it('know a column of JSON text again', async () => {
  await withTempFolder(async (folder) => {
    const json = toSchema({
      i: { dataType: 'bigint', precision: 32 },
      j: { dataType: 'json' },
      t: { dataType: 'text' },
    })
    await load(folder, 'r1', batchOf([0], json))
    const session = await lake(folder).open({ pipeline: 'types', run: 'r2' })
    assert.equal((await session.schema(table))?.fields.map(isJsonField), [false, true, false])
    await session.close()
    assert.equal((await openLake(folder).table('all')).schema.fields.map(isJsonField), [false, true, false])
    // Neither in Delta's schema nor in the files: Polars wants it in both or in none, and DuckDB's files have none.
    const { metaData } = (await firstActions(folder)) as { metaData: { schemaString: string } }
    assert.not.match(metaData.schemaString, 'ARROW:extension')
    for (const path of (await readDelta(join(folder, 'all'))).files) {
      for await (const { schema: found } of readParquet(path)) assert.not.ok(found.fields.some(isJsonField))
    }
  })
})

it('are read where members of objects and lists may not be null, from our files and from those of a merge', async () => {
  await withTempFolder(async (folder) => {
    const inner = [new Field('must', new Utf8(), false), new Field('may', new Utf8(), true)]
    const strict = toSchema({ i: { dataType: 'bigint', nullable: false } })
    const nested = new Schema([
      ...strict.fields,
      new Field('o', new Struct(inner), true),
      new Field('l', new List(new Field('element', new Struct(inner), false)), true),
    ])
    const first = { i: 1, o: { must: 'x', may: null }, l: [{ must: 'y', may: 'z' }] }
    const second = { i: 2, o: { must: '', may: 'y' }, l: null }
    const converter = createConverter({ schema: nested })
    await load(folder, 'r1', converter.convert([first, second]))
    await load(folder, 'r2', converter.convert([{ ...second, l: [] }]))
    const found: unknown[] = []
    for await (const row of (await openLake(folder).table('all')).rows()) found.push(row)
    assert.equal(found, [first, { ...second, l: [] }])
  })
})

it('are refused before anything is staged where Delta Lake has none, with what to do', async () => {
  await withTempFolder(async (folder) => {
    const session = await lake(folder).open({ pipeline: 'types', run: 'r1' })
    const refused: readonly (readonly [DataType, string])[] = [
      [
        new TimeMicrosecond(),
        'column "x" is of type Time64<MICROSECOND>, which the lake cannot store; Delta Lake has no times of day: declare it as text',
      ],
      [new TimestampMicrosecond(), 'declare it with a time zone, or as text'],
      [new Uint32(), 'convert it to bool, a signed integer'],
      [new LargeUtf8(), 'convert it to bool'],
      [new Struct([new Field('t', new TimeMicrosecond(), true)]), 'column "x.t" is of type Time64<MICROSECOND>'],
    ]
    for (const [type, said] of refused) {
      const batch = batchOf([0], new Schema([...schema.fields, new Field('x', type, true)]))
      const { code, message } = await failureOf(session.stage([{ table, batch }], { position: {}, pages: 1, rows: 1 }))
      assert.is(code, 'E_COLUMN_TYPE')
      assert.match(message, said)
    }
    await session.close()
    const next = await lake(folder).open({ pipeline: 'types', run: 'r2' })
    assert.is(await next.unfinished(), undefined)
    await next.close()
  })
})

it('let no row in that lacks what may not be null, inside of structs and lists too', async () => {
  await withTempFolder(async (folder) => {
    const inner = new Field('b', new Utf8(), false)
    const strict = new Schema([new Field('a', new Struct([inner]), true)])
    const build = (parents: readonly boolean[], members: readonly (string | null)[]): RecordBatch => {
      const bits = (there: readonly boolean[]): Uint8Array =>
        Uint8Array.of(there.reduce((mask, each, index) => mask | (each ? 1 << index : 0), 0))
      const child = vectorFromArray(members, new Utf8()).data[0] as Data
      const nullCount = parents.filter((each) => !each).length
      const type = new Struct([inner])
      const data = makeData({ type, length: parents.length, nullCount, nullBitmap: bits(parents), children: [child] })
      return new RecordBatch(
        strict,
        makeData({ type: new Struct(strict.fields), length: parents.length, nullCount: 0, children: [data] }),
      )
    }
    const session = await lake(folder).open({ pipeline: 'types', run: 'r1' })
    const ref: TableRef = { ...table, disposition: 'append', primaryKey: [] }
    const checkpoint = { position: {}, pages: 1, rows: 1 }
    await session.stage([{ table: ref, batch: build([true, false], ['x', null]) }], checkpoint)
    const { code, message, context } = await failureOf(
      session.stage([{ table: ref, batch: build([true, false, true], ['x', null, null]) }], checkpoint),
    )
    assert.is(code, 'E_NOT_NULL')
    assert.match(message, /^row 2 \(counted from 0\) of the page has no value in column "a" of table "all"/)
    assert.equal(context, { table: 'all', column: 'a', row: 2 })
    await session.close()
  })
})

it('take no column into a table with rows that may not be null', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, 'r1', batchOf([0, 1, 2]))
    const session = await lake(folder).open({ pipeline: 'types', run: 'r2' })
    const batch = batchOf([0], new Schema([...schema.fields, new Field('x', new Utf8(), false)]))
    const { code, message } = await failureOf(session.stage([{ table, batch }], { position: {}, pages: 1, rows: 1 }))
    assert.is(code, 'E_SCHEMA_CONFLICT')
    assert.match(message, 'column "x" may not be null, and the rows before are without it')
    await session.close()
  })
})

it.run()
