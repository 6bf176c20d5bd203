import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('importing millrace')

/** The native libraries of a process that has run these statements. */
async function librariesAfter(statements: string): Promise<string[]> {
  const script = `${statements}; console.log(JSON.stringify(process.report.getReport().sharedObjects))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  return JSON.parse(stdout)
}

it('loads DuckDB only when rows are merged', async () => {
  const isDuckDb = (path: string): boolean => /duckdb/i.test(path)
  assert.not((await librariesAfter("await import('millrace')")).some(isDuckDb))
  // Such a library would be seen.
  assert.ok((await librariesAfter("await import('@duckdb/node-api')")).some(isDuckDb))
})

it.run()
