import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { canonicalColumns, canonicalLines, sameForm } from './canonical.ts'
import { startDeltaRs } from './delta-rs.ts'
import { type Scenario, scenarios } from './scenarios.ts'

const it = suite('other readers')

const python = startDeltaRs()
const folder = await mkdtemp(join(tmpdir(), 'millrace-'))
const lakes = new Map<string, Promise<string>>()

/** Polars looks for the files of a table in a folder named by its URL, and so finds none where that is another name. */
function readersOf({ without = [] }: Scenario, table: string): readonly string[] {
  return ['delta-rs', 'pyarrow', 'Polars']
    .filter((reader) => !without.includes(reader))
    .filter((reader) => reader !== 'Polars' || encodeURI(table) === table)
}

/** The folder of a scenario's lake, made when it is first asked for. */
function lakeOf(name: string, { make }: Scenario): Promise<string> {
  const lake = join(folder, String(Object.keys(scenarios).indexOf(name)))
  const made = lakes.get(name) ?? make(lake).then(() => lake)
  lakes.set(name, made)
  return made
}

it.after(async () => {
  await python.close()
  await rm(folder, { recursive: true })
})

for (const [name, scenario] of Object.entries(scenarios)) {
  it(`read ${name} as we do, at every version`, async () => {
    const lake = openLake(await lakeOf(name, scenario))
    assert.equal(await lake.tables(), Object.keys(scenario.rows).sort())
    for (const [table, rows] of Object.entries(scenario.rows)) {
      const { location: path, version: newest } = await lake.table(table)
      assert.is(newest, rows.length - 1, table)
      assert.is(await python.ask('version', { path }), newest, table)
      for (const [version, count] of rows.entries()) {
        if (count === undefined) continue
        const ours = await lake.table(table, { version })
        const at = `${table}, version ${version}`
        assert.equal(await python.ask('columns', { path, version }), canonicalColumns(ours.schema), at)
        const lines = await canonicalLines(ours.rows(), ours.schema)
        assert.is(lines.length, count, at)
        assert.is(ours.rowCount, count, at)
        for (const reader of readersOf(scenario, table)) {
          assert.equal(sameForm(await python.ask('lines', { reader, path, version })), lines, `${at}, by ${reader}`)
        }
      }
    }
  })

  it(`find in the statistics of ${name} what the files hold`, async () => {
    const lake = await lakeOf(name, scenario)
    for (const [table, rows] of Object.entries(scenario.rows)) {
      for (const [version, count] of rows.entries()) {
        if (count === undefined) continue
        const { files, compared, problems } = await python.ask<{ files: number; compared: number; problems: string[] }>(
          'statistics',
          { path: join(lake, table), version },
        )
        assert.equal(problems, [], `${table}, version ${version}`)
        assert.ok(compared >= files * 2, `${table}, version ${version}: ${compared} numbers in ${files} files`)
      }
    }
  })

  it(`find the same rows of ${name} with statistics as without`, async () => {
    const lake = await lakeOf(name, scenario)
    for (const table of Object.keys(scenario.rows)) {
      const found = await python.ask<{ asked: number; spared: number; problems: string[] }>('filters', {
        path: join(lake, table),
        readers: readersOf(scenario, table),
      })
      assert.equal(found.problems, [], table)
      if (name === 'many files')
        assert.ok(found.spared > found.asked, `${found.spared} files spared by ${found.asked} filters`)
    }
  })
}

it.run()
