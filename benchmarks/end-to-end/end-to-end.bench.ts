import { prepareDlt } from '../peers/dlt/prepare-dlt.ts'
import { describeMachine } from '../support/machine.ts'
import { saveResults } from '../support/save-results.ts'
import { isWanted, readSettings } from '../support/settings.ts'
import { plainTable, type Table } from '../support/table.ts'
import { allContenders, dltContenders } from './contenders.ts'
import { judgeMemory, type Measured } from './judge-memory.ts'
import { startPageServer } from './page-server.ts'
import { runRounds } from './run-rounds.ts'
import { tabulate } from './tabulate.ts'

/** An API on this machine, loaded by Millrace, by hand and by dlt: the same rows, each in a process of its own. */
const { settings } = readSettings(process.argv.slice(2))
const { pages, rounds, save } = settings
const machine = describeMachine()
const tables: Table[] = []
const measurements: Measured[] = []

function show(table: Table): void {
  tables.push(table)
  console.log(`\n${plainTable(table)}\n`)
}

const dlt = dltContenders.some((name) => isWanted(name, settings)) ? await prepareDlt() : undefined
const all = allContenders(dlt)
const contenders = all.filter(({ name }) => isWanted(name, settings))
const orphan = contenders.find(({ onto }) => onto !== undefined && !contenders.some(({ name }) => name === onto))
if (orphan) throw new Error(`"${orphan.name}" goes on with what "${orphan.onto}" leaves behind, which is not to run`)

/** A load ten times as long takes part of the contenders, and fewer rounds: dlt needs more than a minute for it. */
const mostLongRounds = 3

const short = { pages, rowsPerPage: 1_000 }
const long = { pages: pages * 10, rowsPerPage: 1_000 }
const small = { pages: pages * 10, rowsPerPage: 100 }
for (const shape of [short, long, small]) {
  const taking = shape === long ? contenders.filter(({ isLong }) => isLong) : contenders
  const times = shape === long ? Math.min(rounds, mostLongRounds) : rounds
  if (taking.length === 0) continue
  const server = await startPageServer(shape)
  try {
    const entries = taking.map((contender) => ({ contender, server }))
    const found = await runRounds(entries, times)
    for (const [{ contender }, each] of found) measurements.push({ shape, contender: contender.name, rounds: each })
    show(tabulate(found, server, { rounds: times, dlt: dlt?.version }))
  } finally {
    await server.close()
  }
}

const memory = judgeMemory(measurements, short, long)
if (memory) {
  show(memory.table)
  if (!memory.isBounded) process.exitCode = 1
}
if (save)
  await saveResults({ benchmark: 'end-to-end', takenAt: new Date().toISOString(), machine, tables, measurements })
