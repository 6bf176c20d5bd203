import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What one test file came to. Each problem counts as one failure. */
export interface FileResult {
  readonly passed: number
  readonly problems: readonly string[]
}

/** What `uvu` keeps per suite: `[errors or true, passed, skipped, registered]`. */
type SuiteRun = () => Promise<[string | true, number, number, number]>

/**
 * Runs one compiled test file and holds `uvu` to its word: see `test/run.ts` for what counts as a problem.
 *
 * @param file Absolute path of the compiled test file.
 */
async function runFile(file: string): Promise<FileResult> {
  const uvu = globalThis as unknown as { UVU_DEFER: number; UVU_INDEX: number; UVU_QUEUE: SuiteRun[][] }
  uvu.UVU_DEFER = 1
  uvu.UVU_INDEX = 0
  uvu.UVU_QUEUE = [[]]
  await import(pathToFileURL(file).href)

  const problems: string[] = []
  const suites = uvu.UVU_QUEUE.flat()
  const text = await readFile(file, 'utf8')
  const made = text.match(/\bsuite\(/g)?.length ?? 0
  const started = text.match(/\.run\(\)/g)?.length ?? 0
  if (suites.length === 0) problems.push('registers no suite: is .run() missing?')
  else if (started < made) problems.push(`makes ${made} suites and runs ${started}: a .run() is missing`)

  let passed = 0
  for (const run of suites) {
    const [errors, ran, skipped, registered] = await run()
    passed += ran
    if (registered === 0) problems.push('has a suite without a test')
    if (skipped > 0 && process.env['CI']) problems.push(`${skipped} skipped (skip or only), which CI does not allow`)
    const reported = errors === true ? 0 : (errors.match(/ FAIL /g)?.length ?? 1)
    if (errors !== true) {
      process.stdout.write(errors)
      for (let i = 0; i < reported; i++) problems.push('a test failed')
    }
    if (ran + reported < registered) {
      problems.push(`ran ${ran + reported} of ${registered} tests: a hook threw, or a test threw what is no Error`)
    }
  }
  return { passed, problems }
}

const file = process.argv[2]
if (!file) throw new Error('run-file: needs the path of a compiled test file')
let result: FileResult
try {
  result = await runFile(file)
} catch (thrown) {
  console.error(thrown)
  result = { passed: 0, problems: [`${basename(file)} could not be loaded`] }
}
// The message first, then the exit: an open handle left by a test must not keep the file alive.
process.send?.(result, () => process.exit(result.problems.length === 0 ? 0 : 1))
