import { join } from 'node:path'
import { createConverter, createTableSplitter } from '@millrace/arrow'
import { errorMessage, type Page, type Row } from '@millrace/core'
import { parseJson } from '@millrace/http'
import { lake } from '@millrace/lake'
import { type ParquetEncoder, parquetjsLite, parquetWasm, writeParquetFile } from '@millrace/parquet'
import { run, type Source } from '@millrace/pipeline'
import type { RecordBatch } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../support/failure-of.ts'
import { holdsJson, type Stored } from '../support/holds-json.ts'
import {
  createDocuments,
  hostileKeys,
  isMembers,
  type Json,
  type JsonMembers,
  jsonOf,
} from '../support/json-document.ts'
import { createRandom } from '../support/random.ts'
import { readDelta } from '../support/read-delta.ts'
import { type ReadParquet, readWithHyparquet, withDuckDbReader } from '../support/read-parquet.ts'
import { withTempFolder } from '../support/temp-folder.ts'

/**
 * JSON text → rows → columns → Parquet → two readers that share no code with ours, compared with the JSON by its digits.
 */
const it = suite('10,000 random documents: nested, drifting, hostile')

const sequences = 100
const pagesEach = 5
const documentsPerPage = 20

interface Origin {
  readonly seed: number
  readonly documents: readonly JsonMembers[]
  /** Parsed from their text, as an answer of an API is. */
  readonly pages: readonly (readonly Row[])[]
}

/** Documents of a hundred endpoints, a hundred of each. */
function originsWith(keys: readonly string[]): readonly Origin[] {
  return Array.from({ length: sequences }, (_, seed) => {
    const next = createDocuments(createRandom(seed + 1), keys)
    const pages = Array.from({ length: pagesEach }, () => Array.from({ length: documentsPerPage }, next))
    return { seed: seed + 1, documents: pages.flat(), pages: pages.map(rowsOf) }
  })
}

const origins = originsWith(hostileKeys)
/** parquetjs-lite refuses a column of this name. */
const originsForLite = originsWith(hostileKeys.filter((key) => key !== '__proto__'))
const originsFor = ({ name }: ParquetEncoder): readonly Origin[] =>
  name === 'parquetjs-lite' ? originsForLite : origins

function rowsOf(page: readonly JsonMembers[]): readonly Row[] {
  return parseJson(`[${page.map((each) => jsonOf(each)).join(',')}]`) as unknown as readonly Row[]
}

type Tables = ReadonlyMap<string, readonly RecordBatch[]>

/** One table, whose batches have more columns as they come. */
function inOneTable(nested: 'native' | 'json'): (pages: readonly (readonly Row[])[]) => Tables {
  return (pages) => {
    const converter = createConverter({ nested })
    return new Map([['t', pages.map((rows) => converter.convert(rows))]])
  }
}

function inChildTables(pages: readonly (readonly Row[])[]): Tables {
  const splitter = createTableSplitter({ table: 't' })
  const converters = new Map<string, ReturnType<typeof createConverter>>()
  const tables = new Map<string, RecordBatch[]>()
  for (const page of pages) {
    for (const { table, rows } of splitter.split(page)) {
      const converter = converters.get(table) ?? createConverter({ nested: 'json' })
      converters.set(table, converter)
      tables.set(table, [...(tables.get(table) ?? []), converter.convert(rows)])
    }
  }
  return tables
}

type StoredRow = ReadonlyMap<string, Stored>
type StoredTables = ReadonlyMap<string, readonly StoredRow[]>

async function written(tables: Tables, encoder: ParquetEncoder, folder: string): Promise<Map<string, string>> {
  const paths = new Map<string, string>()
  for (const [table, batches] of tables) {
    // What is read of a table must be one, whatever columns came last.
    const { schema } = batches.at(-1) as RecordBatch
    if (schema.fields.length === 0) continue
    const path = join(folder, `${paths.size}.parquet`)
    await writeParquetFile(path, schema, batches, { encoder, rowGroupRows: 33 })
    paths.set(table, path)
  }
  return paths
}

async function readAll(paths: ReadonlyMap<string, string>, read: ReadParquet): Promise<StoredTables> {
  const tables = new Map<string, readonly StoredRow[]>()
  for (const [table, path] of paths) tables.set(table, await read(path))
  return tables
}

const variants = ['bool', 'int64', 'float64', 'utf8', 'timestamp', 'json']

/** A value is in its column or in one variant of it, and in no other. */
function checkCell(row: StoredRow, column: string, value: Json): void {
  const names = [column, ...variants.map((variant) => `${column}__v_${variant}`)]
  const kept = names.filter((name) => (row.get(name) ?? null) !== null)
  assert.is(kept.length, value === null ? 0 : 1, `${jsonOf(value)} of "${column}" is in ${kept.length} columns`)
  if (value === null) return
  const [name = ''] = kept
  const isJson = name.endsWith('__v_json')
  if (holdsJson(row.get(name), value, isJson ? 'json' : 'text')) return
  assert.unreachable(`${jsonOf(value)} became ${describe(row.get(name))} in "${name}"`)
}

function describe(value: unknown): string {
  return JSON.stringify(value, (_, each) => {
    if (typeof each === 'bigint') return `${each}n`
    return each instanceof Map ? Object.fromEntries(each) : each
  })
}

function checkOneTable(documents: readonly JsonMembers[], tables: StoredTables): void {
  const rows = tables.get('t') ?? []
  assert.is(rows.length, documents.length)
  for (const [index, { members }] of documents.entries()) {
    const row = rows[index] as StoredRow
    const columns = new Set([...members.keys(), ...[...row.keys()].filter((name) => !/__v_[a-z0-9]+$/.test(name))])
    for (const column of columns) checkCell(row, column, members.get(column) ?? null)
  }
}

/** Walks each document, and takes the rows it must have made out of what is there: in the end nothing is left. */
function checkChildTables(documents: readonly JsonMembers[], tables: StoredTables): void {
  const children = new Map<string, StoredRow[]>()
  for (const [table, rows] of tables) {
    for (const row of rows) {
      const key = JSON.stringify([table, row.get('_dlt_parent_id') ?? null])
      children.set(key, [...(children.get(key) ?? []), row])
    }
  }
  const taken = (table: string, parent: Stored): StoredRow[] => {
    const key = JSON.stringify([table, parent])
    const rows = children.get(key) ?? []
    children.delete(key)
    return rows.sort((a, b) => Number(a.get('_dlt_list_idx')) - Number(b.get('_dlt_list_idx')))
  }

  function checkMembers(members: JsonMembers, row: StoredRow, table: string, root: Stored, path: string): void {
    for (const [key, value] of members.members) checkValue(value, row, table, root, `${path}${key}`)
  }
  function checkValue(value: Json, row: StoredRow, table: string, root: Stored, column: string): void {
    if (Array.isArray(value)) checkList(value, `${table}__${column}`, row, root)
    else if (isMembers(value)) checkMembers(value, row, table, root, `${column}__`)
    else checkCell(row, column, value)
  }
  function checkList(list: readonly Json[], table: string, parent: StoredRow, root: Stored): void {
    const rows = taken(table, parent.get('_dlt_id') ?? null)
    assert.is(rows.length, list.length, table)
    for (const [index, element] of list.entries()) {
      const row = rows[index] as StoredRow
      assert.is(Number(row.get('_dlt_list_idx')), index)
      assert.is(row.get('_dlt_root_id'), root)
      if (Array.isArray(element)) checkList(element, `${table}__list`, row, root)
      else if (isMembers(element)) checkMembers(element, row, table, root, '')
      else checkCell(row, 'value', element)
    }
  }

  const roots = taken('t', null)
  assert.is(roots.length, documents.length)
  for (const [index, document] of documents.entries()) {
    const row = roots[index] as StoredRow
    checkMembers(document, row, 't', row.get('_dlt_id') ?? null, '')
  }
  assert.equal([...children.keys()], [], 'rows that no document has')
}

const cases = [
  { mode: 'native', tables: inOneTable('native'), encoders: [parquetWasm()], check: checkOneTable },
  { mode: 'json', tables: inOneTable('json'), encoders: [parquetWasm(), parquetjsLite()], check: checkOneTable },
  { mode: 'tables', tables: inChildTables, encoders: [parquetWasm(), parquetjsLite()], check: checkChildTables },
] as const

for (const { mode, tables, encoders, check } of cases) {
  for (const encoder of encoders) {
    it(`come back as they were: nested as ${mode}, by ${encoder.name}`, async () => {
      await withDuckDbReader(async (readWithDuckDb) => {
        for (const { seed, documents, pages } of originsFor(encoder)) {
          await withTempFolder(async (folder) => {
            const paths = await written(tables(pages), encoder, folder)
            for (const read of [readWithDuckDb, readWithHyparquet]) {
              try {
                check(documents, await readAll(paths, read))
              } catch (thrown) {
                const reader = read === readWithHyparquet ? 'hyparquet' : 'DuckDB'
                throw new Error(`seed ${seed}, read by ${reader}: ${errorMessage(thrown)}`, { cause: thrown })
              }
            }
          })
        }
      })
    })
  }
}

it('come back as they were from a lake, where each page came in a run of its own', async () => {
  await withDuckDbReader(async (readWithDuckDb) => {
    for (const { seed, documents, pages } of origins.slice(0, 20)) {
      await withTempFolder(async (folder) => {
        for (const [index, rows] of pages.entries()) await run(pageSource(rows, index), lake(folder))
        const { files } = await readDelta(join(folder, 't'))
        const rows: StoredRow[] = []
        for (const file of files) rows.push(...(await readWithDuckDb(file)))
        try {
          checkOneTable(documents, new Map([['t', rows]]))
        } catch (thrown) {
          throw new Error(`seed ${seed}: ${errorMessage(thrown)}`, { cause: thrown })
        }
      })
    }
  })
})

function pageSource(rows: readonly Row[], index: number): Source {
  async function* read(): AsyncGenerator<Page> {
    yield { rows, position: { index } }
  }
  return { name: 'documents', streams: () => [{ name: 't', disposition: 'append', read }] }
}

it('are refused by name where parquetjs-lite is to write their structs and lists', async () => {
  let refused = 0
  for (const { pages } of originsForLite.slice(0, 20)) {
    const batches = [...inOneTable('native')(pages).values()].flat()
    const { schema } = batches.at(-1) as RecordBatch
    const nested = schema.fields.filter(({ type }) => type.children?.length > 0).map(({ name }) => name)
    if (nested.length === 0) continue
    await withTempFolder(async (folder) => {
      const thrown = await failureOf(
        writeParquetFile(join(folder, 'x.parquet'), schema, batches, { encoder: parquetjsLite() }),
      )
      assert.is(thrown.code, 'E_UNSUPPORTED_TYPE')
      assert.ok(nested.some((name) => thrown.message.includes(`"${name}"`)))
      refused += 1
    })
  }
  assert.ok(refused > 5)
})

it.run()
