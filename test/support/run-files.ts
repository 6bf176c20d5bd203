import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { isSoak } from './is-soak.ts'
import type { FileResult } from './run-file.ts'
import { root } from './source-tree.ts'

const built = join(root, '.build')
const child = join(built, 'test/support/run-file.js')

/** Longest a file may take, milliseconds: crash and integration tests start many processes. */
const defaultFileTimeoutMs = isSoak ? 3_600_000 : 600_000

/** Longest to wait for the output of a file that has ended, milliseconds. */
const pipesOpenMs = 5_000

function runFile(source: string, timeoutMs: number): Promise<FileResult & { output: string }> {
  return new Promise((resolve) => {
    const script = join(built, source.replace(/\.ts$/, '.js'))
    const running = fork(child, [script], {
      cwd: root,
      silent: true,
      execArgv: ['--enable-source-maps'],
      env: { ...process.env, NO_COLOR: '1' },
    })
    let output = ''
    let result: FileResult | undefined
    running.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    running.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    const timer = setTimeout(() => running.kill('SIGKILL'), timeoutMs)
    running.on('message', (message) => {
      result = message as FileResult
    })
    function finish(): void {
      clearTimeout(timer)
      const { exitCode, signalCode } = running
      const how = signalCode ? `was ended by ${signalCode}` : `ended with exit code ${exitCode}`
      const nothing: FileResult = { passed: 0, problems: [`${how} before its tests were done`] }
      resolve({ ...(result ?? nothing), output })
    }
    // 'exit' may come before the message and the last output; 'close' comes after, or never while a process that the test
    // left behind holds the pipes.
    running.on('close', finish)
    running.on('exit', () => setTimeout(finish, pipesOpenMs).unref())
  })
}

/**
 * Runs test files, each in a process of its own and as many at once as there are processors, and holds `uvu` to its word.
 *
 * The last line is `N passed, N failed`. Where a file fails, the exit code will be 1.
 *
 * @param files From the root of the checkout.
 * @param timeoutMs Longest that one may take.
 */
export async function runFiles(files: readonly string[], timeoutMs: number = defaultFileTimeoutMs): Promise<void> {
  let passed = 0
  let failed = 0
  const queue = [...files]
  async function work(): Promise<void> {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const startedAt = Date.now()
      const result = await runFile(file, timeoutMs)
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
      passed += result.passed
      failed += result.problems.length
      console.log(`${result.problems.length === 0 ? 'ok  ' : 'FAIL'} ${file} (${result.passed} passed, ${seconds} s)`)
      // The figures that a long test prints are what it is run for.
      if (result.problems.length > 0 || isSoak) console.log(result.output)
      if (result.problems.length > 0) {
        for (const problem of result.problems) console.log(`     ${problem}`)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, work))

  if (files.length === 0) {
    console.log('no test file matches')
    failed += 1
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
