import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deltaFiles } from '../../test/support/delta-files.ts'
import { withTempFolder } from '../../test/support/temp-folder.ts'
import { describeMachine } from '../support/machine.ts'
import { measure } from '../support/measure.ts'
import { saveResults } from '../support/save-results.ts'
import { readSettings } from '../support/settings.ts'
import { plainTable, type Table } from '../support/table.ts'
import { parquet, withDuckDb } from './duckdb.ts'

/** Whether memory stays where it is when rows do not end: a long append into a lake, with little memory for JavaScript. */
const { settings } = readSettings(process.argv.slice(2))
const { streamRows: rows, save } = settings

/** Of V8's heap, megabytes. */
const heapMb = 256

/** Most that the second half may add to the peak of the first, which has seen everything that a stream does. */
const mostGrowth = 0.05

/** Looks at the process from which on growth says something: below, it has not yet reached its working size. */
const leastSamples = 40

const script = fileURLToPath(new URL('./contenders/millrace-stream.js', import.meta.url))
const machine = describeMachine()
await withTempFolder(async (folder) => {
  const samples: number[] = []
  const args = [`--max-old-space-size=${heapMb}`, script, folder, String(rows)]
  const measurement = await measure({ file: process.execPath, args }, folder, {
    onSample: ({ residentMb }) => samples.push(residentMb),
  })
  const files = await deltaFiles(join(folder, 'lake/rows'))
  const counted = await withDuckDb((duckdb) => duckdb.runAndReadAll(`SELECT count(*), sum(id) FROM ${parquet(files)}`))
  const found = counted.getRows()[0]?.map(Number)
  const expected = [rows, (rows * (rows - 1)) / 2]
  if (String(found) !== String(expected)) throw new Error(`the lake holds ${found}, expected ${expected}`)

  const middle = samples.length >> 1
  const [first, second] = [samples.slice(0, middle), samples.slice(middle)]
  const [peakBefore, peakAfter] = [Math.max(...first), Math.max(...second)]
  const isJudged = samples.length >= leastSamples
  const isFlat = !isJudged || peakAfter <= peakBefore * (1 + mostGrowth)
  const verdict = isJudged ? (isFlat ? 'kept' : 'NOT KEPT') : 'not judged, it was too short'
  const table: Table = {
    title: `${rows.toLocaleString('en-US')} rows appended to a lake, ${heapMb} MB of heap at most`,
    head: ['', 's', 'rows/s', 'peak MB, first half', 'second half', 'MB per million rows, second half'],
    rows: [
      [
        'Millrace → lake, append',
        measurement.seconds.toFixed(0),
        Math.round(rows / measurement.seconds).toLocaleString('en-US'),
        peakBefore.toFixed(0),
        peakAfter.toFixed(0),
        (slope(second) * (second.length / (rows / 2e6))).toFixed(1),
      ],
    ],
    notes: [`Of the whole process. At most ${mostGrowth * 100} % more are allowed: ${verdict}.`],
  }
  console.log(`\n${plainTable(table)}\n`)
  if (!isFlat) process.exitCode = 1
  if (save) {
    const takenAt = new Date().toISOString()
    await saveResults({
      benchmark: 'lake/stream',
      takenAt,
      machine,
      tables: [table],
      measurements: { ...measurement, samples },
    })
  }
})

/** Of the straight line that is nearest to the numbers, per number. */
function slope(numbers: readonly number[]): number {
  const middle = (numbers.length - 1) / 2
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length
  let [above, below] = [0, 0]
  for (const [index, each] of numbers.entries()) {
    above += (index - middle) * (each - mean)
    below += (index - middle) ** 2
  }
  return below === 0 ? 0 : above / below
}
