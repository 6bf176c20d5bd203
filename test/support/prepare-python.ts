import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './source-tree.ts'

/** Of Python 3: what the versions in our lists of requirements need. */
const leastMinor = 11

/** Seconds that a package index may take to answer. */
const indexTimeout = 15

export interface PythonOptions {
  /** What it is for, as a line says while it is installed. */
  readonly what: string
  /** Where the environment goes, from the root of the checkout. */
  readonly folder: string
  /** A file of pinned packages, from the root of the checkout. */
  readonly requirements: string
  /** Longest that anything may take to install, milliseconds. */
  readonly timeoutMs: number
}

/** The interpreter of an environment that has all packages, or in one line why there is none. */
export type PreparedPython =
  | { readonly python: string; readonly missing?: undefined }
  | { readonly python?: undefined; readonly missing: string }

/** Makes a Python environment at the first call, and again where its requirements have changed. */
export async function preparePython({ what, folder, requirements, timeoutMs }: PythonOptions): Promise<PreparedPython> {
  const lock = readFileSync(join(root, requirements), 'utf8')
  const at = join(root, folder)
  const python = join(at, 'bin/python')

  const found = spawnSync('python3', ['-c', 'import sys; print(*sys.version_info[:3], sep=".")'], { encoding: 'utf8' })
  if (found.status !== 0) return { missing: 'there is no python3' }
  const version = found.stdout.trim()
  if (Number(version.split('.')[1]) < leastMinor) {
    return { missing: `it needs Python 3.${leastMinor}, this is ${version}` }
  }
  const stamp = createHash('sha256').update(lock).update(version).digest('hex')
  const stampFile = join(at, '.installed')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return { python }

  console.log(`Installing ${what} into ${folder}, once …`)
  await rm(at, { recursive: true, force: true })
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input']
  const steps: [string, string, string[]][] = [
    ['its module venv makes no environment (Debian has it in python3-venv)', 'python3', ['-m', 'venv', at]],
    ['pip', python, [...pip, '--retries=1', `--timeout=${indexTimeout}`, '-r', join(root, requirements)]],
  ]
  for (const [step, file, args] of steps) {
    const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8', timeout: timeoutMs })
    if (status === 0) continue
    return { missing: `${step}: ${error?.message ?? (lastLine(stderr) || lastLine(stdout))}` }
  }
  writeFileSync(stampFile, stamp)
  return { python }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
