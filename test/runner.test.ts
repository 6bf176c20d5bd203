import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FileResult } from './support/run-file.ts'

const it = suite('strict runner')

function run(name: string): Promise<FileResult> {
  const runner = fileURLToPath(new URL('./support/run-file.js', import.meta.url))
  const file = fileURLToPath(new URL(`./support/runner-cases/${name}.js`, import.meta.url))
  return new Promise((resolve, reject) => {
    const child = fork(runner, [file], { silent: true })
    child.on('message', (message) => resolve(message as FileResult))
    child.on('exit', (code) => reject(new Error(`ended with ${code} and no result`)))
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

it.run()
