import { join } from 'node:path'
import { root } from '../support/source-tree.ts'
import { PythonProcess } from './python-process.ts'

/** Where the environment of Python is, from the root of the checkout. `test/interop/run.ts` makes it. */
export const deltaRsFolder = '.build/interop/delta-rs'

/** A process that reads and writes with delta-rs, see `python/delta_rs.py`. */
export function startDeltaRs(): PythonProcess {
  return new PythonProcess(join(root, deltaRsFolder, 'bin/python'), join(root, 'test/interop/python/delta_rs.py'))
}
