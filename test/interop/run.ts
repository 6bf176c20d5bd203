import { runFiles } from '../support/run-files.ts'
import { filesBelow } from '../support/source-tree.ts'
import { prepareDeltaRs } from './delta-rs.ts'
import { prepareSpark } from './prepare-spark.ts'

/**
 * `npm run test:interop`: the tests that need readers and writers which are no part of Millrace, and are written in Python.
 *
 * With `--spark` those of Spark, which take minutes and some 600 MB. Where Python or a package cannot be had, one line says so
 * and nothing has failed. Other arguments are parts of file names.
 */
const args = process.argv.slice(2)
const wanted = args.filter((arg) => !arg.startsWith('--'))
const isSpark = args.includes('--spark')

/** Longest that a file may take with Spark, milliseconds: minutes, and several times that where the machine has more to do. */
const sparkTimeoutMs = 1_800_000

// What Spark has written, the others are to read, too.
const needed = isSpark ? [prepareSpark, prepareDeltaRs] : [prepareDeltaRs]
let missing: string | undefined
for (const prepare of needed) missing ??= (await prepare()).missing

if (missing === undefined) {
  const files = (await filesBelow('test/interop')).filter((file) => file.endsWith('.interop.ts'))
  await runFiles(
    files
      .filter((file) => file.includes('/spark.') === isSpark)
      .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part))),
    isSpark ? sparkTimeoutMs : undefined,
  )
} else {
  console.log(`SKIPPED ${isSpark ? 'Spark' : 'interop'}: ${missing}`)
  console.log('0 passed, 0 failed')
}
