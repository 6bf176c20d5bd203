import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FileResult } from './support/run-file.ts'

const it = suite('strict runner')

/** The runner's verdict on a file, and the exit code when it came to none. */
function run(name: string, env: NodeJS.ProcessEnv = {}): Promise<FileResult & { exitCode?: number | null }> {
  const runner = fileURLToPath(new URL('./support/run-file.js', import.meta.url))
  const file = fileURLToPath(new URL(`./support/runner-cases/${name}.js`, import.meta.url))
  return new Promise((resolve, reject) => {
    const child = fork(runner, [file], { silent: true, env: { ...process.env, ...env } })
    child.on('message', (message) => resolve(message as FileResult))
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ passed: 0, problems: [], exitCode }))
  })
}

it('passes a file whose tests pass', async () => {
  assert.equal(await run('passes'), { passed: 1, problems: [] })
})

it('fails a file with a failing test, and counts the others', async () => {
  assert.equal(await run('fails'), { passed: 1, problems: ['a test failed'] })
})

it('fails a file whose before hook throws', async () => {
  const { passed, problems } = await run('hook-throws')
  assert.is(passed, 0)
  assert.match(problems[0] ?? '', 'ran 0 of 1 tests')
})

it('fails a file that forgets .run()', async () => {
  const { passed, problems } = await run('forgets-run')
  assert.is(passed, 0)
  assert.match(problems[0] ?? '', 'registers no suite')
})

it('fails a file in which a test throws a string', async () => {
  const { passed, problems } = await run('throws-a-string')
  assert.is(passed, 0)
  assert.match(problems[0] ?? '', 'ran 0 of 2 tests')
})

it('fails a file with a suite that has no test', async () => {
  const { problems } = await run('empty')
  assert.equal(problems, ['has a suite without a test'])
})

it('fails a file that runs one suite and forgets another', async () => {
  const { problems } = await run('forgets-second-run')
  assert.equal(problems, ['makes 2 suites and runs 1: a .run() is missing'])
})

it('fails a file that skips a test, in CI', async () => {
  const inCi = await run('skips', { CI: 'true' })
  assert.is(inCi.passed, 1)
  assert.equal(inCi.problems, ['1 skipped (skip or only), which CI does not allow'])
  assert.equal((await run('skips', { CI: '' })).problems, [])
})

it('gets no verdict and no exit code 0 from a file that never settles or leaves a rejection unhandled', async () => {
  for (const name of ['never-settles', 'rejects-unhandled']) {
    const { passed, exitCode } = await run(name)
    assert.is(passed, 0)
    assert.not.equal(exitCode, 0)
    assert.not.equal(exitCode, undefined)
  }
})

it.run()
