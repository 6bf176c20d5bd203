import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { errorMessage } from '@millrace/core'
import { filesBelow, root } from '../test/support/source-tree.ts'
import { readSettings, usage } from './support/settings.ts'

/** `npm run bench`: every benchmark that is asked for in a process of its own, one after the other. */
const args = process.argv.slice(2)
try {
  const { help, benchmarks } = readSettings(args)
  if (help) console.log(usage)
  else await runAll(benchmarks)
} catch (thrown) {
  console.error(`${errorMessage(thrown)}\n\n${usage}`)
  process.exitCode = 2
}

async function runAll(wanted: readonly string[]): Promise<void> {
  const files = (await filesBelow('benchmarks'))
    .filter((name) => name.endsWith('.bench.ts'))
    .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  if (files.length === 0) throw new Error(`no benchmark has ${wanted.join(' or ')} in its path`)
  for (const file of files) {
    console.log(`\n=== ${file}`)
    const compiled = join(root, '.build', file.replace(/\.ts$/, '.js'))
    const { status } = spawnSync(process.execPath, [compiled, ...args], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
}
