import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { readDelta } from '../../../test/support/read-delta.ts'
import { expectedRows } from './shop-run.ts'

/** The tables of a shop hold every row once, and no file twice. */
export async function checkShop(folder: string, told: string): Promise<void> {
  for (const [name, expected] of Object.entries(expectedRows)) {
    const { files, rows } = await readDelta(join(folder, name))
    const lines = rows.map(({ id, at, late }) =>
      [id, at, late].filter((value) => value !== null && value !== undefined),
    )
    assert.equal(lines.map((line) => line.join(' ')).sort(), expected, `${told}: rows of ${name}`)
    assert.is(new Set(files).size, files.length, `${told}: a file is named twice`)
  }
}

/** Nothing lies in the folders of the tables that no commit ever named. */
export async function checkNoLeftovers(folder: string, told: string): Promise<void> {
  for (const table of Object.keys(expectedRows)) {
    const home = join(folder, table)
    const named = await namesInLog(join(home, '_delta_log'))
    const names = (await readdir(home)).filter((name) => name !== '_delta_log')
    assert.equal(
      names.filter((name) => !named.has(name)),
      [],
      `${told}: files of ${table}`,
    )
  }
}

async function namesInLog(log: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const commit of (await readdir(log)).filter((name) => /^\d{20}\.json$/.test(name))) {
    for (const line of (await readFile(join(log, commit), 'utf8')).trim().split('\n')) {
      const { add, remove } = JSON.parse(line) as { add?: { path: string }; remove?: { path: string } }
      for (const file of [add, remove]) if (file) names.add(decodeURIComponent(file.path))
    }
  }
  return names
}
