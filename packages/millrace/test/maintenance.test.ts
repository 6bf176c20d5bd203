import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { runCli } from './run-cli.ts'

const it = suite('verify, optimize and vacuum')

/** A table of three versions, each of one row. */
async function withTable(use: (folder: string, config: string) => Promise<void>): Promise<void> {
  await withTempFolder(async (home) => {
    const config = join(home, 'people.mjs')
    const folder = join(home, 'data')
    for (const id of [1, 2, 3]) {
      const resource = { name: 'people', rows: [{ id, name: `name ${id}` }] }
      const source = { client: { base_url: 'https://api.example.com' }, resources: [resource] }
      // Modules are loaded once: each of a name of its own.
      const path = config.replace('people', `people${id}`)
      await writeFile(path, `export default ${JSON.stringify(source)}`)
      const { code, stderr } = await runCli(['run', path, '--to', folder, '--pipeline', 'people'])
      assert.is(code, 0, stderr)
    }
    await use(folder, config)
  })
}

it('join the files of a table, find it right, and delete what it was made of', async () => {
  await withTable(async (folder) => {
    const optimized = await runCli([
      'optimize',
      folder,
      '--sort-by',
      'id',
      '--target-size',
      '1MB',
      '--memory-limit',
      '0.5 GB',
      '--json',
    ])
    assert.is(optimized.code, 0, optimized.stderr)
    assert.is(optimized.stderr, '')
    const { ok, tables, skipped } = JSON.parse(optimized.stdout) as Report
    assert.equal([ok, tables.length, skipped], [true, 1, []])
    assert.equal([tables[0]?.version, tables[0]?.filesRemoved, tables[0]?.filesAdded], [3, 3, 1])
    const again = await runCli(['optimize', folder, 'people', '--sort-by', 'id', '--target-size', '1MB'])
    assert.match(again.stdout, /^table +version +files before .*\npeople +3 +0 +0 +0 +0 +1\n$/)

    const verified = await runCli(['verify', folder, '--all-versions'])
    assert.is(verified.code, 0)
    assert.match(verified.stdout, /people +3 +4 +6 +\d+ +0 +0\nall is as it was written\n/)

    const refused = await runCli(['vacuum', folder, '--retention-hours', '0'])
    assert.is(refused.code, 2)
    assert.match(refused.stderr, /shorter than the 168 hours of table "people"/)
    const short = ['--retention-hours', '0', '--allow-short-retention']
    const dry = await runCli(['vacuum', folder, ...short, '--dry-run'])
    assert.is(dry.code, 0)
    assert.is(dry.stdout.split('\n').filter((line) => line.endsWith('.parquet')).length, 3)
    assert.match(dry.stdout, /people +3 +\d+ +0\n$/)
    assert.is((await partsOf(folder)).length, 4)
    const vacuumed = JSON.parse((await runCli(['vacuum', folder, 'people', ...short, '--json'])).stdout) as Report
    assert.equal([vacuumed.ok, vacuumed.tables[0]?.files.length], [true, 3])
    assert.is((await partsOf(folder)).length, 1)
    assert.match((await runCli(['show', folder, 'people'])).stdout, /3 +name 3\n/)
    assert.match((await runCli(['verify', folder, '--all-versions'])).stdout, /people +3 +1 +3 +\d+ +0 +3\nall is/)
  })
})

it('verify names what is damaged, and ends with exit code 1', async () => {
  await withTable(async (folder) => {
    const [part = ''] = await partsOf(folder)
    const path = join(folder, 'people', part)
    const bytes = await readFile(path)
    bytes[50] = (bytes[50] ?? 0) ^ 1
    await writeFile(path, bytes)
    const { code, stdout } = await runCli(['verify', folder])
    assert.is(code, 1)
    assert.ok(stdout.includes(`1 file is not as written:\n  content: ${path} has another SHA-256`), stdout)
    const json = await runCli(['verify', folder, 'people', '--json'])
    assert.is(json.code, 1)
    const { ok, findings } = JSON.parse(json.stdout) as Report
    assert.equal(
      [ok, findings.map((each) => [each.table, each.path, each.problem])],
      [false, [['people', path, 'content']]],
    )
    // A table that cannot be joined is passed over, and told of.
    const optimized = await runCli(['optimize', folder])
    assert.is(optimized.code, 1)
    assert.match(optimized.stderr, /people is passed over: .*\.parquet/)
  })
})

it('show a live line on a terminal, and refuse what they do not understand', async () => {
  await withTable(async (folder) => {
    const terminal = await runCli(['verify', folder], { isTTY: true })
    assert.match(terminal.stderr, 'people: file 3 of 3')
    for (const [args, told] of [
      [['optimize', folder, '--target-size', 'large'], '--target-size takes a size such as 64MB or 1GiB, got "large"'],
      [['optimize', folder, '--memory-limit', '0'], '--memory-limit takes a size'],
      [['optimize', folder, 'people', '--sort-by', 'ids'], 'cannot be sorted by column "ids"'],
      [['vacuum', folder, '--retention-hours=-1'], '--retention-hours takes a number from 0, got "-1"'],
      [['vacuum', folder, '--retention-hours', 'week'], '--retention-hours takes a number from 0, got "week"'],
      [['verify', folder, 'a', 'b'], 'verify takes 1 to 2 arguments'],
    ] as const) {
      const { code, stderr } = await runCli(args)
      assert.is(code, 2, stderr)
      assert.match(stderr, told)
    }
    const missing = await runCli(['verify', join(folder, 'nowhere'), '--json'])
    assert.is(missing.code, 1)
    assert.is((JSON.parse(missing.stdout) as { error: { code: string } }).error.code, 'E_LAKE_NOT_FOUND')
  })
})

it.run()

interface Report {
  readonly ok: boolean
  readonly tables: readonly {
    readonly version: number
    readonly filesRemoved: number
    readonly filesAdded: number
    readonly files: readonly string[]
  }[]
  readonly skipped: readonly unknown[]
  readonly findings: readonly { readonly table: string; readonly path: string; readonly problem: string }[]
}

async function partsOf(folder: string): Promise<readonly string[]> {
  return (await readdir(join(folder, 'people'))).filter((name) => name.endsWith('.parquet'))
}
