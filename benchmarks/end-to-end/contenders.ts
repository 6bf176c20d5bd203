import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deltaFiles } from '../../test/support/delta-files.ts'
import type { Dlt } from '../peers/dlt/prepare-dlt.ts'
import type { Loaded } from '../support/query-answer.ts'
import type { Contender } from './contender.ts'

/** The contender that fetches and parses, and does nothing else. */
export const floor = 'floor: fetch + JSON.parse'

/** The contender whose memory is judged. */
export const toParquet = 'Millrace → Parquet'

const dltToParquet = 'dlt → Parquet'
const dltMerge = 'dlt → DuckDB, merge'
const dltMergeOfFiles = `${dltMerge}, by Parquet files`

/** Those for which dlt has to be there. */
export const dltContenders: readonly string[] = [dltToParquet, dltMerge, dltMergeOfFiles]

const merged = 'Millrace → lake, merge'

const lakeTable = async (folder: string): Promise<Loaded> => parquetFiles(await deltaFiles(join(folder, 'lake/rows')))
const databaseOfDlt = async (folder: string): Promise<Loaded> => ({
  from: 'bench.rows',
  database: join(folder, 'rows.duckdb'),
})
const oneFile = async (folder: string): Promise<Loaded> => parquetFiles([join(folder, 'rows.parquet')])

const ours: readonly Contender[] = [
  { name: floor, command: node('floor'), isLong: true },
  { name: toParquet, command: node('millrace-to-parquet'), loaded: oneFile, peer: dltToParquet, isLong: true },
  {
    name: 'Millrace → lake, append',
    command: node('millrace-append'),
    loaded: lakeTable,
    peer: dltToParquet,
    isLong: true,
  },
  { name: merged, command: node('millrace-merge'), loaded: lakeTable, peer: dltMergeOfFiles },
  {
    name: `${merged}, all again`,
    command: node('millrace-merge'),
    loaded: lakeTable,
    onto: merged,
    peer: dltMergeOfFiles,
  },
]

const byHand: readonly Contender[] = [
  { name: 'fetch + parquetjs-lite', command: node('fetch-to-parquetjs'), loaded: oneFile, peer: dltToParquet },
  {
    name: "fetch + DuckDB's appender",
    command: node('fetch-to-duckdb'),
    loaded: async (folder) => ({ from: 'rows', database: join(folder, 'rows.duckdb') }),
    peer: dltToParquet,
  },
  { name: "fetch + DuckDB's read_json", command: node('fetch-to-read-json'), loaded: oneFile, peer: dltToParquet },
]

/** All contenders; those of dlt only where there is one. */
export function allContenders(dlt: Dlt | undefined): Contender[] {
  return [...ours, ...byHand, ...(dlt ? peers(dlt) : [])]
}

function peers({ python, script }: Dlt): Contender[] {
  const command = (kind: string): Contender['command'] => {
    return (url, limit, folder) => ({
      file: python,
      args: [script, kind, folder, url, String(limit)],
      // Whatever the user has configured for dlt is not for the benchmark.
      env: { RUNTIME__DLTHUB_TELEMETRY: 'false', DLT_DATA_DIR: folder, HOME: folder },
    })
  }
  return [
    {
      name: dltToParquet,
      command: command('parquet'),
      loaded: async (folder) => {
        const files = await readdir(join(folder, 'files/bench/rows'))
        return parquetFiles(files.map((name) => join(folder, 'files/bench/rows', name)))
      },
      peer: dltToParquet,
      isLong: true,
    },
    { name: dltMerge, command: command('duckdb-merge'), loaded: databaseOfDlt, peer: dltMergeOfFiles },
    { name: dltMergeOfFiles, command: command('duckdb-merge-files'), loaded: databaseOfDlt, peer: dltMergeOfFiles },
  ]
}

function node(script: string): Contender['command'] {
  const path = fileURLToPath(new URL(`./contenders/${script}.js`, import.meta.url))
  return (url, limit, folder) => ({ file: process.execPath, args: [path, url, String(limit), folder] })
}

function parquetFiles(paths: readonly string[]): Loaded {
  const list = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ')
  return { from: `read_parquet([${list}], union_by_name = true)` }
}
