import { join } from 'node:path'
import { preparePython } from '../../../test/support/prepare-python.ts'
import { root } from '../../../test/support/source-tree.ts'

/** Longest that anything may take to install, milliseconds. */
const installTimeoutMs = 300_000

export interface DeltaRs {
  readonly python: string
  readonly script: string
}

/**
 * A Python environment with delta-rs in it, made at the first call and kept. Where there is none to be had, one line says
 * why, and the benchmark does without.
 */
export async function prepareDeltaRs(): Promise<DeltaRs | undefined> {
  const { python, missing } = await preparePython({
    what: 'delta-rs',
    folder: '.build/peers/delta-rs',
    requirements: 'benchmarks/peers/delta-rs/requirements.txt',
    timeoutMs: installTimeoutMs,
  })
  if (python !== undefined) return { python, script: join(root, 'benchmarks/peers/delta-rs/merge.py') }
  console.log(`delta-rs is left out: ${missing}`)
  return undefined
}
