import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../test/support/source-tree.ts'
import type { Machine } from './machine.ts'
import { markdownTable, type Table } from './table.ts'

/** One file of `benchmarks/results`: what one benchmark found at its last full run. */
export interface Results {
  /** Such as `arrow/build-columns`. */
  readonly benchmark: string
  readonly takenAt: string
  readonly machine: Machine
  readonly tables: readonly Table[]
  /** Every single measurement, for those who want more than medians. */
  readonly measurements: unknown
}

const folder = join(root, 'benchmarks/results')

/** Keeps the results of one benchmark, and brings the README beside them and the one of the project up to date. */
export async function saveResults(results: Results): Promise<void> {
  await mkdir(folder, { recursive: true })
  const name = `${results.benchmark.replaceAll('/', '-')}.json`
  await writeFile(join(folder, name), `${JSON.stringify(results, undefined, 2)}\n`)
  await writeFile(join(folder, 'README.md'), resultsReadme(await readResults()))
  if (results.benchmark === shownResults) {
    const readme = join(root, 'README.md')
    await writeFile(readme, withShownTables(await readFile(readme, 'utf8'), results))
  }
  console.log(`saved in benchmarks/results/${name}`)
}

export async function readResults(): Promise<Results[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Results))
}

/** All tables of all benchmarks, as Markdown. */
export function resultsReadme(all: readonly Results[]): string {
  const parts = all.map((results) =>
    [`## ${results.benchmark}`, takenOn(results), ...results.tables.map((table) => markdownTable(table, '###'))].join(
      '\n\n',
    ),
  )
  return `${['# Results of the last full run', 'Written by `npm run bench`.', ...parts].join('\n\n')}\n`
}

/** The benchmark whose first tables the README of the project shows: a load, and one ten times as long. */
export const shownResults = 'end-to-end'

const shownTable = /(<!-- benchmark: end-to-end -->\n)[\s\S]*?(<!-- end -->)/

/** Columns that are left to the results. */
const hidden = ['MB/s', 'first ms', 'requests', 'process s']

function withoutHidden(table: Table): Table {
  const isShown = (_: string, column: number): boolean => !hidden.includes(table.head[column] ?? '')
  return { ...table, head: table.head.filter(isShown), rows: table.rows.map((cells) => cells.filter(isShown)) }
}

/** The README with the first two tables of these results between its two marks. */
export function withShownTables(readme: string, results: Results): string {
  const tables = results.tables.slice(0, 2).map((table) => markdownTable(withoutHidden(table), '###'))
  if (tables.length === 0 || !shownTable.test(readme)) throw new Error('the README has no place for the tables')
  const text = `\n${[...tables, takenOn(results)].join('\n\n')}\n\n`
  return readme.replace(shownTable, (_, before: string, after: string) => `${before}${text}${after}`)
}

function takenOn({ takenAt, machine: { cpu, cores, memoryGb, system, node, loadBefore } }: Results): string {
  return `Taken ${takenAt.slice(0, 10)} on ${cores} cores of ${cpu}, ${memoryGb} GB, ${system}, Node ${node}; load before: ${loadBefore}.`
}
