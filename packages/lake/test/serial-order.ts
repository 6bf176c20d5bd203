import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { deltaCommits } from '../../../test/support/delta-files.ts'
import { readWithHyparquet } from '../../../test/support/read-parquet.ts'

/** Rows of a table as `Map` has them: what each key holds. Appends may give a key several rows. */
export type RowsByKey = Map<number, string[]>

interface Action {
  readonly add?: { readonly path: string }
  readonly remove?: { readonly path: string }
  readonly txn?: { readonly appId: string; readonly version: number }
}

/** Explains every version of a table by what its writers did, one after the other. */
export interface SerialOrder {
  /** A transaction that may be made from now on, and what it does to the rows. */
  expect(appId: string, version: number, effect: (rows: RowsByKey) => void): void
  /**
   * Checks the versions that came since: each is one transaction that was expected, and its rows are those of the version
   * before with that effect. A version without a transaction changes no row, as when files are compacted. Returns how many.
   */
  check(): Promise<number>
}

/** The log is replayed by the letter of the protocol, and its files are read without any code of ours. */
export function createSerialOrder(table: string): SerialOrder {
  const expected = new Map<string, (rows: RowsByKey) => void>()
  const made = new Set<string>()
  const oracle: RowsByKey = new Map()
  const files = new Map<string, readonly string[]>()
  let next = 0

  async function checkVersion(commit: string): Promise<void> {
    const lines = (await readFile(join(table, '_delta_log', commit), 'utf8')).trim().split('\n')
    const actions = lines.map((line) => JSON.parse(line) as Action)
    for (const { remove } of actions) {
      if (remove) assert.ok(files.delete(remove.path), `${commit} removes ${remove.path}, which is not there`)
    }
    for (const { add } of actions) {
      if (!add) continue
      assert.not(files.has(add.path), `${commit} adds ${add.path}, which is there`)
      files.set(add.path, await linesOf(join(table, decodeURIComponent(add.path))))
    }
    for (const { txn } of actions) {
      if (!txn) continue
      const name = nameOf(txn.appId, txn.version)
      const effect = expected.get(name)
      assert.not(made.has(name), `${commit}: ${name} was made before`)
      if (!effect) throw new Error(`${commit}: nobody was to make ${name}`)
      made.add(name)
      effect(oracle)
    }
    const wanted = [...oracle].flatMap(([key, values]) => values.map((value) => `${key} ${value}`)).sort()
    assert.equal([...files.values()].flat().sort(), wanted, `rows of ${commit}`)
  }

  return {
    expect: (appId, version, effect) => void expected.set(nameOf(appId, version), effect),
    check: async () => {
      const commits = (await deltaCommits(table)).slice(next)
      for (const commit of commits) await checkVersion(commit)
      next += commits.length
      return commits.length
    },
  }
}

function nameOf(appId: string, version: number): string {
  return `transaction ${version} of ${appId}`
}

async function linesOf(path: string): Promise<readonly string[]> {
  return (await readWithHyparquet(path)).map((row) => `${row.get('id')} ${row.get('by')}`)
}
