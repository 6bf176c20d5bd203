import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { preparePython } from '../../../test/support/prepare-python.ts'
import { root } from '../../../test/support/source-tree.ts'

const requirements = 'benchmarks/peers/dlt/requirements.txt'

/** Longest that anything may take to install, milliseconds. */
const installTimeoutMs = 300_000

export interface Dlt {
  readonly python: string
  readonly script: string
  readonly version: string
}

/**
 * A Python environment with dlt in it, made at the first call and kept. Where there is none to be had, one line says why,
 * and the benchmark does without.
 */
export async function prepareDlt(): Promise<Dlt | undefined> {
  const version = /^dlt==(.+)$/m.exec(readFileSync(join(root, requirements), 'utf8'))?.[1] ?? 'unknown'
  const { python, missing } = await preparePython({
    what: `dlt ${version}`,
    folder: '.build/peers/dlt',
    requirements,
    timeoutMs: installTimeoutMs,
  })
  if (python !== undefined) return { python, script: join(root, 'benchmarks/peers/dlt/load.py'), version }
  console.log(`dlt is left out: ${missing}`)
  return undefined
}
