import { join } from 'node:path'
import { root } from '../support/source-tree.ts'
import type { Reader } from './hold-readers.ts'
import { PythonProcess } from './python-process.ts'

/** Where the environment of Python is, from the root of the checkout. */
export const sparkFolder = '.build/interop/spark'

export const sparkScript: string = join(root, 'test/interop/python/spark.py')

/** A process that reads and writes with Spark, see `python/spark.py`. */
export function startSpark(): { readonly python: PythonProcess; readonly reader: Reader } {
  const python = new PythonProcess(join(root, sparkFolder, 'bin/python'), sparkScript)
  return { python, reader: { name: 'Spark', python } }
}
