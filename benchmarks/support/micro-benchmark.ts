import type { Comparison } from './compare.ts'
import { describeMachine } from './machine.ts'
import { saveResults } from './save-results.ts'
import { readSettings, type Settings } from './settings.ts'

/** Runs the comparisons of one benchmark with the settings of the command line, and keeps the results of a full run. */
export async function microBenchmark(
  benchmark: string,
  comparisons: (settings: Settings) => AsyncIterable<Comparison>,
): Promise<void> {
  const { settings } = readSettings(process.argv.slice(2))
  const machine = describeMachine()
  const found: Comparison[] = []
  for await (const each of comparisons(settings)) found.push(each)
  if (!settings.save) return
  await saveResults({
    benchmark,
    takenAt: new Date().toISOString(),
    machine,
    tables: found.map(({ table }) => table),
    measurements: found.map(({ measurements }) => measurements),
  })
}
