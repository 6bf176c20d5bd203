import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { check } from './check.mjs'
import { prepare } from './prepare.mjs'

/**
 * `npm test`: install, build, checks, tests. The last line is `N passed, N failed`, whatever happens before it.
 *
 * With parts of file names (`npm test -- packages/core`) only those tests run, and no checks. With `--soak`
 * (`npm run test:soak`) those tests run that otherwise do a share of their rounds, and do all of them.
 */
const given = process.argv.slice(2)
const isSoak = given.includes('--soak')
const named = given.filter((each) => each !== '--soak')
const soakTests = ['kill-points', 'random-kills', 'interleavings', 'writers', 'storage'].map(
  (name) => `packages/lake/test/${name}`,
)
const filter = isSoak && named.length === 0 ? soakTests : named
const counts = { passed: 0, failed: 0 }

function add({ passed, failed }) {
  counts.passed += passed
  counts.failed += failed
}

/** Runs the tests, passing their output on except for the closing line, which counts for the whole. */
async function test() {
  const child = spawn(process.execPath, ['.build/test/run.js', ...filter], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(isSoak && { SOAK: '1' }) },
  })
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(signal ?? code))
  })
  let result
  for await (const line of createInterface({ input: child.stdout })) {
    const closing = /^(\d+) passed, (\d+) failed$/.exec(line)
    if (closing === null) console.log(line)
    else result = { passed: Number(closing[1]), failed: Number(closing[2]) }
  }
  const how = await ended
  if (result === undefined) throw new Error(`the tests ended with ${how} and no result`)
  add(result)
  if (how !== 0 && result.failed === 0) throw new Error(`the tests passed and ended with ${how}`)
}

try {
  prepare()
  if (filter.length === 0) add(await check())
  await test()
} catch (thrown) {
  console.log(`FAIL ${thrown.message}`)
  add({ passed: 0, failed: 1 })
}
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed === 0 ? 0 : 1
