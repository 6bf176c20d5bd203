import { spawnSync } from 'node:child_process'
import { type PreparedPython, preparePython } from '../support/prepare-python.ts'
import { sparkFolder, sparkScript } from './spark.ts'

/** Longest that anything may take to install, milliseconds: Spark is 450 MB. */
const installTimeoutMs = 900_000

/** What Spark 4 runs on. */
const leastJava = 17

/** Longest that Spark may take to start, milliseconds: the first time it fetches the jars of Delta Lake. */
const startTimeoutMs = 300_000

/** A Python environment with a Spark in it that starts, or in one line why there is none. */
export async function prepareSpark(): Promise<PreparedPython> {
  const { status, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  const java = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0)
  if (status !== 0) return { missing: 'there is no java' }
  if (java < leastJava) return { missing: `it needs Java ${leastJava}, this is ${java}` }
  const prepared = await preparePython({
    what: 'Spark',
    folder: sparkFolder,
    requirements: 'test/interop/requirements-spark.txt',
    timeoutMs: installTimeoutMs,
  })
  if (prepared.missing !== undefined) return prepared
  // Without a question it starts, and ends.
  const started = spawnSync(prepared.python, [sparkScript], { input: '', encoding: 'utf8', timeout: startTimeoutMs })
  if (started.status === 0) return prepared
  const said = /^Spark does not start: .*$/m.exec(started.stderr)?.[0]
  return { missing: said ?? started.error?.message ?? 'Spark does not start' }
}
