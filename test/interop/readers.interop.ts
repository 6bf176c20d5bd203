import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startDeltaRs } from './delta-rs.ts'
import { holdReaders, type Reader, refusalOf } from './hold-readers.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'

const it = suite('other readers')

const { python, readers } = startDeltaRs()
const folder = await mkdtemp(join(tmpdir(), 'millrace-'))
const lakes = new Map<string, Promise<string>>()

function readersOf({ without = {} }: Scenario): readonly Reader[] {
  return readers.filter(({ name }) => !(name in without))
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
    const lake = await lakeOf(name, scenario)
    assert.equal(await openLake(lake).tables(), Object.keys(scenario.rows).sort())
    for (const [table, versions] of Object.entries(scenario.rows)) {
      await holdReaders(lake, table, versions, readersOf(scenario))
      for (const reader of readers) {
        const wanted = scenario.without?.[reader.name]
        if (wanted) assert.match((await refusalOf(reader, join(lake, table))) ?? 'can read it', wanted, reader.name)
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
        readers: readersOf(scenario).map((reader) => reader.name),
      })
      assert.equal(found.problems, [], table)
      if (name === 'many files')
        assert.ok(found.spared > found.asked, `${found.spared} files spared by ${found.asked} filters`)
    }
  })
}

it.run()
