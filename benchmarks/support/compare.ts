import { type Answer, differences } from './answer.ts'
import { median } from './median.ts'
import { isWanted, type Settings } from './settings.ts'
import { plainTable, type Table } from './table.ts'

/** One way to do the job. */
export interface Contender<Output = unknown> {
  readonly name: string
  /** What is timed. */
  run(): Promise<Output> | Output
  /** What the output comes to, by somebody else's reader. Not timed. */
  check(output: Output): Promise<Answer> | Answer
}

/** The same, for contenders with outputs of their own. */
export function contender<Output>(each: Contender<Output>): Contender {
  return { name: each.name, run: () => each.run(), check: (output) => each.check(output as Output) }
}

export interface Job {
  readonly title: string
  /** Rows each round works on. */
  readonly rows: number
  /** Bytes of JSON they are, where that is what is read. */
  readonly bytes?: number
  /** What every round must come to; anything else is an error, since a fast wrong answer is none. */
  readonly answer: Answer
  readonly notes?: readonly string[]
}

export interface Comparison {
  readonly table: Table
  readonly measurements: { readonly title: string; readonly ms: Readonly<Record<string, readonly number[]>> }
}

/**
 * Runs the contenders in turn, A B A B …, so that a machine whose speed drifts drifts for all, and prints the median of
 * each and its ratio to the first. One round goes before the others, to warm up.
 */
export async function compare(job: Job, contenders: readonly Contender[], settings: Settings): Promise<Comparison> {
  const running = contenders.filter(({ name }) => isWanted(name, settings))
  const times = new Map(running.map(({ name }) => [name, [] as number[]]))
  for (let round = 0; round <= settings.rounds; round++) {
    for (const { name, run, check } of running) {
      const startedAt = performance.now()
      const output = await run()
      const ms = performance.now() - startedAt
      const wrong = differences(await check(output), job.answer)
      if (wrong.length > 0) throw new Error(`${job.title}: ${name} came to a wrong answer:\n  ${wrong.join('\n  ')}`)
      if (round > 0) times.get(name)?.push(ms)
    }
  }
  const table = toTable(job, times, settings.rounds)
  console.log(`\n${plainTable(table)}`)
  return { table, measurements: { title: job.title, ms: Object.fromEntries(times) } }
}

function toTable({ title, rows, bytes, notes = [] }: Job, times: ReadonlyMap<string, number[]>, rounds: number): Table {
  const [first = 0] = [...times.values()].map(median)
  return {
    title: `${title} (${rows.toLocaleString('en-US')} rows, median of ${rounds})`,
    head: ['', 'ms', 'from – to', 'k rows/s', ...(bytes === undefined ? [] : ['MB/s']), 'speed'],
    rows: [...times].map(([name, each]) => [
      name,
      median(each).toFixed(1),
      `${Math.min(...each).toFixed(1)} – ${Math.max(...each).toFixed(1)}`,
      Math.round(rows / median(each)).toLocaleString('en-US'),
      ...(bytes === undefined ? [] : [(bytes / 1_000 / median(each)).toFixed(0)]),
      `${(first / median(each)).toFixed(2)}×`,
    ]),
    notes,
  }
}
