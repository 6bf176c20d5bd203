import { preparePython } from '../support/prepare-python.ts'
import { runFiles } from '../support/run-files.ts'
import { filesBelow } from '../support/source-tree.ts'
import { deltaRsFolder } from './delta-rs.ts'
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

/** Longest that the packages may take to install, milliseconds. */
const installTimeoutMs = 180_000

const { missing } = isSpark
  ? await prepareSpark()
  : await preparePython({
      what: 'delta-rs and other readers of Delta tables',
      folder: deltaRsFolder,
      requirements: 'test/interop/requirements.txt',
      timeoutMs: installTimeoutMs,
    })

if (missing === undefined) {
  const files = (await filesBelow('test/interop')).filter((file) => file.endsWith('.interop.ts'))
  await runFiles(
    files
      .filter((file) => file.includes('/spark.') === isSpark)
      .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part))),
  )
} else {
  console.log(`SKIPPED ${isSpark ? 'Spark' : 'interop'}: ${missing}`)
  console.log('0 passed, 0 failed')
}
