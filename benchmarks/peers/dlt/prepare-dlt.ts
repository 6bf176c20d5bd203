import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../../test/support/source-tree.ts'

const folder = join(root, '.build/peers/dlt')
const requirements = join(root, 'benchmarks/peers/dlt/requirements.txt')

/** Of Python 3, for the versions in the requirements. */
const leastMinor = 11

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
  const lock = readFileSync(requirements, 'utf8')
  const version = /^dlt==(.+)$/m.exec(lock)?.[1] ?? 'unknown'
  const dlt = { python: join(folder, 'bin/python'), script: join(root, 'benchmarks/peers/dlt/load.py'), version }

  const found = spawnSync('python3', ['-c', 'import sys; print(*sys.version_info[:3], sep=".")'], { encoding: 'utf8' })
  if (found.status !== 0) return skip('there is no python3')
  const python = found.stdout.trim()
  if (Number(python.split('.')[1]) < leastMinor) return skip(`it needs Python 3.${leastMinor}, this is ${python}`)

  const stamp = createHash('sha256').update(lock).update(python).digest('hex')
  const stampFile = join(folder, '.installed')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return dlt
  console.log(`Installing dlt ${version} into .build/peers/dlt, once …`)
  await rm(folder, { recursive: true, force: true })
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', folder]],
    [dlt.python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries=1', '-r', requirements]],
  ]
  for (const [file, args] of steps) {
    const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8', timeout: installTimeoutMs })
    if (status !== 0) return skip(error?.message ?? stderr.trim().split('\n').at(-1) ?? 'the install failed')
  }
  writeFileSync(stampFile, stamp)
  return dlt
}

function skip(reason: string): undefined {
  console.log(`dlt is left out: ${reason}`)
}
