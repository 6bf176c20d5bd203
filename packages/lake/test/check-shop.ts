import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { checkPartitions } from '../../../test/support/check-partitions.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { expectedRows } from './shop-run.ts'

/** The tables of a shop hold every row once, and no file twice. */
export async function checkShop(folder: string, told: string): Promise<void> {
  for (const [name, expected] of Object.entries(expectedRows)) {
    assert.equal(await shopLines(folder, name), expected, `${told}: rows of ${name}`)
    await checkPartitions(join(folder, name))
  }
}

/** Rows of a table of the shop as lines, in order. */
export async function shopLines(folder: string, table: string): Promise<readonly string[]> {
  const { files, rows } = await readDelta(join(folder, table))
  assert.is(new Set(files).size, files.length, `a file of ${table} is named twice`)
  const lines = rows.map(({ id, at, late }) => [id, at, late].filter((value) => value !== null && value !== undefined))
  return lines.map((line) => line.join(' ')).sort()
}

/** Nothing lies in the folders of the tables that no commit ever named, and in the logs nothing but commits. */
export async function checkNoLeftovers(
  folder: string,
  told: string,
  tables: readonly string[] = Object.keys(expectedRows),
): Promise<void> {
  for (const table of tables) {
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
