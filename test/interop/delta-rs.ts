import { join } from 'node:path'
import { type PreparedPython, preparePython } from '../support/prepare-python.ts'
import { root } from '../support/source-tree.ts'
import type { Reader } from './hold-readers.ts'
import { PythonProcess } from './python-process.ts'

/** Where the environment of Python is, from the root of the checkout. */
export const deltaRsFolder = '.build/interop/delta-rs'

/** Longest that the packages may take to install, milliseconds. */
const installTimeoutMs = 180_000

/** A Python environment with delta-rs and the readers that stand on it, or in one line why there is none. */
export function prepareDeltaRs(): Promise<PreparedPython> {
  return preparePython({
    what: 'delta-rs and other readers of Delta tables',
    folder: deltaRsFolder,
    requirements: 'test/interop/requirements.txt',
    timeoutMs: installTimeoutMs,
  })
}

/** A process that reads and writes with delta-rs, see `python/delta_rs.py`, and reads with what stands on it. */
export function startDeltaRs(): { readonly python: PythonProcess; readonly readers: readonly Reader[] } {
  const script = join(root, 'test/interop/python/delta_rs.py')
  const python = new PythonProcess(join(root, deltaRsFolder, 'bin/python'), script)
  return { python, readers: ['delta-rs', 'pyarrow', 'Polars'].map((name) => ({ name, python })) }
}
