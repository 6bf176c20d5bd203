import type { Measurement } from '../support/measure.ts'
import { median } from '../support/median.ts'
import type { Table } from '../support/table.ts'
import type { Contender } from './contender.ts'
import { type PageServer, type Shape, startPageServer } from './page-server.ts'
import { type Entry, runRounds } from './run-rounds.ts'

/** Most that ten times the data may add to the peak. */
const mostGrowth = 0.1

/** Most the peak may be, megabytes. */
const mostMb = 300

/** Pages of 1,000 rows from which on growth says something: below, a process has not yet reached its working size. */
const leastPages = 200

export interface MemoryCheck {
  readonly table: Table
  /** Whether memory is bounded by settings and not by data. True where that could not be found out. */
  readonly isBounded: boolean
  readonly measurements: readonly { shape: Shape; contender: string; rounds: readonly Measurement[] }[]
}

/** Loads so many pages of 1,000 rows, and ten times as many, and compares the most memory that either took. */
export async function checkMemory(contender: Contender, pages: number, rounds: number): Promise<MemoryCheck> {
  const servers: PageServer[] = []
  try {
    for (const each of [pages, pages * 10]) servers.push(await startPageServer({ pages: each, rowsPerPage: 1_000 }))
    const entries = servers.map((server): Entry => ({ contender, server }))
    const found = [...(await runRounds(entries, rounds))]
    const measurements = found.map(([{ server }, each]) => ({
      shape: server.shape,
      contender: contender.name,
      rounds: each,
    }))
    return { ...judge(found, pages), measurements }
  } finally {
    for (const server of servers) await server.close()
  }
}

function judge(found: readonly [Entry, Measurement[]][], pages: number): Omit<MemoryCheck, 'measurements'> {
  const peaks = found.map(([, all]) => all.flatMap(({ peakMb }) => peakMb ?? []))
  const title = `Memory of ${found[0]?.[0].contender.name}, ten times the data`
  if (peaks.some(({ length }) => length === 0)) {
    return { table: { title, head: [''], rows: [['not known: there is no /proc here']] }, isBounded: true }
  }
  const [small = 0, large = 0] = peaks.map(median)
  const isBounded = large <= small * (1 + mostGrowth) && large <= mostMb
  const growth = `${(((large - small) / small) * 100).toFixed(1)} % more for ten times the data`
  const allowed = `at most ${mostGrowth * 100} % and ${mostMb} MB are allowed`
  const verdict = pages < leastPages ? `nothing is judged below ${leastPages} pages` : isBounded ? 'kept' : 'NOT KEPT'
  return {
    table: {
      title,
      head: ['', 'peak MB', 'from – to'],
      rows: found.map(([{ server }], index) => {
        const all = peaks[index] ?? []
        return [
          `${server.shape.pages.toLocaleString('en-US')} pages, ${(server.bytes / 1e6).toFixed(0)} MB of JSON`,
          median(all).toFixed(0),
          `${Math.min(...all).toFixed(0)} – ${Math.max(...all).toFixed(0)}`,
        ]
      }),
      notes: [`${growth}; ${allowed}: ${verdict}.`],
    },
    isBounded: isBounded || pages < leastPages,
  }
}
