import { cp, link, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deltaFiles } from '../../test/support/delta-files.ts'
import { withTempFolder } from '../../test/support/temp-folder.ts'
import { prepareDeltaRs } from '../peers/delta-rs/prepare-delta-rs.ts'
import { describeMachine } from '../support/machine.ts'
import { type Command, type Measurement, measure } from '../support/measure.ts'
import { median } from '../support/median.ts'
import { saveResults } from '../support/save-results.ts'
import { isWanted, readSettings } from '../support/settings.ts'
import { plainTable, type Table } from '../support/table.ts'
import { parquet } from './duckdb.ts'
import { makeLake, tableName } from './make-lake.ts'
import { type Change, changes, digestAfter, digestOf, writeChange, writeOrders } from './orders.ts'

/** A merge into a table of millions of rows: what it costs to change a few of them. */
const { settings } = readSettings(process.argv.slice(2))
const { rounds, rows, save } = settings
const deltaRsMerge = 'delta-rs, merge'
/** For DuckDB in all contenders. */
const memoryLimit = '512MB'

interface Contender {
  readonly name: string
  command(folder: string, changes: string): Command
  /** Files the table is in afterwards. */
  files(folder: string): Promise<readonly string[]>
}

const node = (script: string): Contender['command'] => {
  const path = fileURLToPath(new URL(`./contenders/${script}.js`, import.meta.url))
  return (folder, change) => ({ file: process.execPath, args: [path, folder, change, memoryLimit] })
}
const deltaRs = isWanted(deltaRsMerge, settings) ? await prepareDeltaRs() : undefined
const inLake = (folder: string): Promise<readonly string[]> => deltaFiles(join(folder, 'lake', tableName))

const contenders: readonly Contender[] = [
  { name: 'Millrace, merge', command: node('millrace-merge'), files: inLake },
  {
    name: 'DuckDB, the whole table anew',
    command: node('duckdb-rewrite'),
    files: async (folder) => [join(folder, 'rewritten/all.parquet')],
  },
  ...(deltaRs
    ? [
        {
          name: deltaRsMerge,
          command: (folder: string, change: string): Command => ({
            file: deltaRs.python,
            args: [deltaRs.script, join(folder, 'lake', tableName), change],
          }),
          files: inLake,
        },
      ]
    : []),
]

interface Outcome extends Measurement {
  readonly filesKept: number
  readonly filesWritten: number
}

/** A lake of its own for each contender. Files of a lake never change, so that they can be shared. */
async function copyLake(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyLake(source, target)
    else if (entry.name.endsWith('.parquet')) await link(source, target)
    else await cp(source, target)
  }
}

async function runOne(contender: Contender, home: string, change: string, expected: string): Promise<Outcome> {
  const folder = join(home, 'round')
  await copyLake(join(home, 'lake'), join(folder, 'lake'))
  try {
    const before = new Set(await inLake(folder))
    const measurement = await measure(contender.command(folder, change), folder)
    const files = await contender.files(folder)
    const found = await digestOf(parquet(files))
    if (found !== expected) throw new Error(`${contender.name} came to ${found}, expected ${expected}`)
    const filesKept = files.filter((file) => before.has(file)).length
    return { ...measurement, filesKept, filesWritten: files.length - filesKept }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function compareOn(change: Change, home: string): Promise<{ table: Table; measurements: unknown }> {
  const orders = join(home, 'orders.parquet')
  const path = join(home, 'change.parquet')
  await writeChange(path, change, rows)
  const expected = await digestAfter(orders, path)
  const wanted = contenders.filter(({ name }) => isWanted(name, settings))
  const found = new Map(wanted.map((contender) => [contender, [] as Outcome[]]))
  for (let round = 1; round <= rounds; round++) {
    for (const contender of wanted) {
      const outcome = await runOne(contender, home, path, expected)
      found.get(contender)?.push(outcome)
      console.log(`  round ${round} of ${rounds}, ${change.name}: ${contender.name}: ${outcome.seconds.toFixed(2)} s`)
    }
  }
  const measurements = [...found].map(([{ name }, all]) => ({ change: change.name, contender: name, rounds: all }))
  return { table: tabulate(change, found), measurements }
}

function tabulate(change: Change, found: ReadonlyMap<Contender, readonly Outcome[]>): Table {
  const middle = (all: readonly Outcome[], key: keyof Outcome, digits: number): string =>
    median(all.flatMap((each) => each[key] ?? [])).toFixed(digits)
  return {
    title: `${change.name}: ${count(change.count(rows))} rows into ${count(rows)}, median of ${rounds}`,
    head: ['', 's', 'from – to', 'CPU s', 'peak MB', 'files kept', 'files written'],
    rows: [...found].map(([{ name }, all]) => {
      const seconds = all.map((each) => each.seconds)
      return [
        name,
        middle(all, 'seconds', 2),
        `${Math.min(...seconds).toFixed(2)} – ${Math.max(...seconds).toFixed(2)}`,
        middle(all, 'cpuSeconds', 2),
        middle(all, 'peakMb', 0),
        middle(all, 'filesKept', 0),
        middle(all, 'filesWritten', 0),
      ]
    }),
    notes: [`DuckDB may use ${memoryLimit} before it spills, in every contender that has it.`],
  }
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}

const machine = describeMachine()
const tables: Table[] = []
const measurements: unknown[] = []
await withTempFolder(async (home) => {
  const orders = join(home, 'orders.parquet')
  await writeOrders(orders, rows)
  await makeLake(join(home, 'lake'), orders)
  for (const change of changes) {
    const found = await compareOn(change, home)
    tables.push(found.table)
    measurements.push(found.measurements)
    console.log(`\n${plainTable(found.table)}\n`)
  }
})
if (save)
  await saveResults({ benchmark: 'lake/merge', takenAt: new Date().toISOString(), machine, tables, measurements })
