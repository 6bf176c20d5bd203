import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../support/source-tree.ts'
import { withTempFolder } from '../support/temp-folder.ts'
import { load } from './load.ts'

/** The Python that `packages/lake/README.md` shows, from the root of the checkout. */
const folder = 'packages/lake/examples/elsewhere'

/** Longest that one may take, milliseconds: Spark starts a Java machine, and does in many parts what is small. */
const timeoutMs = 300_000

/** What a snippet prints in a folder whose `data/events` has three rows, the last of them with a column of its own. */
export function outputOf(python: string, snippet: string): Promise<string> {
  return withTempFolder(async (cwd) => {
    const data = join(cwd, 'data')
    await load(data, [
      [
        { id: 1, kind: 'sale', amount: 0.5 },
        { id: 2, kind: 'sale', amount: 1.5 },
      ],
    ])
    await load(data, [[{ id: 3, kind: 'return', amount: 2.5, reason: 'broken' }]])
    const script = join(root, folder, snippet)
    return (await promisify(execFile)(python, [script], { cwd, timeout: timeoutMs })).stdout
  })
}
