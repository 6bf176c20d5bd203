import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { prepare } from './prepare.mjs'

/** `npm run test:interop`: install, build, and `test/interop/run.ts`. */
try {
  prepare()
  const run = fileURLToPath(new URL('../.build/test/interop/run.js', import.meta.url))
  const { status } = spawnSync(process.execPath, [run, ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exitCode = status ?? 1
} catch (thrown) {
  console.error(thrown.message)
  process.exitCode = 1
}
