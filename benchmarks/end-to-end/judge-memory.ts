import type { Measurement } from '../support/measure.ts'
import { median } from '../support/median.ts'
import type { Table } from '../support/table.ts'
import { floor, toParquet } from './contenders.ts'
import type { Shape } from './page-server.ts'

/** All rounds of one contender with one shape. */
export interface Measured {
  readonly shape: Shape
  readonly contender: string
  readonly rounds: readonly Measurement[]
}

/** Most that ten times the data may add to the peak, beyond what fetching and parsing alone add. */
const mostGrowth = 0.1

/** Most the peak may be, megabytes. */
const mostMb = 300

/** Pages of 1,000 rows from which on growth says something: below, a process has not yet reached its working size. */
const leastPages = 200

export interface MemoryJudgement {
  readonly table: Table
  /** Whether memory is bounded by settings and not by data. True where that could not be found out. */
  readonly isBounded: boolean
}

/**
 * Compares the most memory that a load took with that of a load ten times as long, and both with the floor's.
 *
 * V8 collects old objects when enough of them have come together, so that a program which keeps nothing grows for its first
 * seconds, too. How much that is, the floor tells: it counts rows, and throws them away.
 *
 * Undefined where one of the four was not measured.
 */
export function judgeMemory(measured: readonly Measured[], small: Shape, large: Shape): MemoryJudgement | undefined {
  const peaksOf = (name: string, shape: Shape): number[] | undefined =>
    measured
      .find((each) => each.contender === name && each.shape === shape)
      ?.rounds.flatMap(({ peakMb }) => peakMb ?? [])
  const peaks = [floor, toParquet].flatMap((name) => [peaksOf(name, small), peaksOf(name, large)])
  if (peaks.includes(undefined)) return undefined
  const title = `Memory, ten times the data: peak MB of ${small.pages.toLocaleString('en-US')} and of ${large.pages.toLocaleString('en-US')} pages of 1,000 rows`
  if (peaks.some((each) => each?.length === 0)) {
    return { table: { title, head: [''], rows: [['not known: there is no /proc here']] }, isBounded: true }
  }
  const [floorBefore = 0, floorAfter = 0, before = 0, after = 0] = peaks.map((each = []) => median(each))
  const floorGrowth = floorAfter - floorBefore
  const bounded = after - before <= floorGrowth + before * mostGrowth && after <= mostMb
  const rows = [
    [floor, floorBefore.toFixed(0), floorAfter.toFixed(0), floorGrowth.toFixed(0), span(peaks[1])],
    [toParquet, before.toFixed(0), after.toFixed(0), (after - before).toFixed(0), span(peaks[3])],
  ]
  const isJudged = small.pages >= leastPages
  const verdict = !isJudged ? `nothing is judged below ${leastPages} pages` : bounded ? 'kept' : 'NOT KEPT'
  const allowed = `${mostGrowth * 100} % more than the floor's growth and ${mostMb} MB are allowed`
  return {
    table: { title, head: ['', 'peak', 'ten times', 'more', 'from – to'], rows, notes: [`${allowed}: ${verdict}.`] },
    isBounded: bounded || !isJudged,
  }
}

function span(peaks: readonly number[] = []): string {
  return `${Math.min(...peaks).toFixed(0)} – ${Math.max(...peaks).toFixed(0)}`
}
