import { prepareDlt } from '../peers/dlt/prepare-dlt.ts'
import { describeMachine } from '../support/machine.ts'
import type { Measurement } from '../support/measure.ts'
import { saveResults } from '../support/save-results.ts'
import { isWanted, readSettings } from '../support/settings.ts'
import { plainTable, type Table } from '../support/table.ts'
import { checkMemory } from './check-memory.ts'
import { allContenders, dltContenders, toParquet } from './contenders.ts'
import { type Shape, startPageServer } from './page-server.ts'
import { runRounds } from './run-rounds.ts'
import { tabulate } from './tabulate.ts'

/** An API on this machine, loaded by Millrace, by hand and by dlt: the same rows, each in a process of its own. */
const { settings } = readSettings(process.argv.slice(2))
const { pages, rounds, save } = settings
const machine = describeMachine()
const tables: Table[] = []
const measurements: { shape: Shape; contender: string; rounds: readonly Measurement[] }[] = []

function show(table: Table): void {
  tables.push(table)
  console.log(`\n${plainTable(table)}\n`)
}

const dlt = dltContenders.some((name) => isWanted(name, settings)) ? await prepareDlt() : undefined
const all = allContenders(dlt)
const contenders = all.filter(({ name }) => isWanted(name, settings))
const orphan = contenders.find(({ onto }) => onto !== undefined && !contenders.some(({ name }) => name === onto))
if (orphan) throw new Error(`"${orphan.name}" goes on with what "${orphan.onto}" leaves behind, which is not to run`)

for (const shape of [
  { pages, rowsPerPage: 1_000 },
  { pages: pages * 10, rowsPerPage: 100 },
]) {
  const server = await startPageServer(shape)
  try {
    const entries = contenders.map((contender) => ({ contender, server }))
    const found = await runRounds(entries, rounds)
    for (const [{ contender }, each] of found) measurements.push({ shape, contender: contender.name, rounds: each })
    show(tabulate(found, server, { rounds, dlt: dlt?.version }))
  } finally {
    await server.close()
  }
}

const parquet = contenders.find(({ name }) => name === toParquet)
if (parquet) {
  const { table, isBounded, measurements: found } = await checkMemory(parquet, pages, rounds)
  measurements.push(...found)
  show(table)
  if (!isBounded) process.exitCode = 1
}
if (save)
  await saveResults({ benchmark: 'end-to-end', takenAt: new Date().toISOString(), machine, tables, measurements })
