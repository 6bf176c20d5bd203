/** One way to do the job. Gives back what the job came to, so that the answer can be checked. */
export interface Contender {
  readonly name: string
  run(): Promise<number> | number
}

/** Rounds that count; one more goes first to warm up. */
const rounds = 5

/**
 * Runs the contenders in turn, A B A B …, so that a machine whose speed drifts drifts for all, and prints the median of
 * each and its ratio to the first.
 *
 * @param rows Rows each round works on.
 * @param answer What every round must come to; anything else is an error, since a fast wrong answer is none.
 */
export async function compare(
  title: string,
  rows: number,
  answer: number,
  contenders: readonly Contender[],
): Promise<void> {
  const times = contenders.map((): number[] => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { name, run }] of contenders.entries()) {
      const startedAt = performance.now()
      const found = await run()
      const ms = performance.now() - startedAt
      if (found !== answer) throw new Error(`${title}: ${name} came to ${found}, not ${answer}`)
      if (round > 0) times[index]?.push(ms)
    }
  }
  const medians = times.map((each) => each.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0)
  console.log(`\n${title} (${rows.toLocaleString('en-US')} rows, median of ${rounds})`)
  for (const [index, { name }] of contenders.entries()) {
    const ms = medians[index] ?? 0
    const speed = `${Math.round(rows / ms).toLocaleString('en-US')} k rows/s`
    console.log(`  ${name.padEnd(34)} ${speed.padStart(16)}  ${((medians[0] ?? 0) / ms).toFixed(2)}×`)
  }
}
