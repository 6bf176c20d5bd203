import { join } from 'node:path'
import type { Row } from '@millrace/core'
import { openLake, optimizeLake, vacuumLake, verifyLake } from '@millrace/lake'
import * as assert from 'uvu/assert'
import { createRandom, type Random } from '../support/random.ts'
import { holdReaders, type Reader } from './hold-readers.ts'
import { load } from './load.ts'
import type { PythonProcess } from './python-process.ts'
import { byId, type Version } from './scenario.ts'

export interface TurnsOptions {
  readonly seed: number
  /** Of each of both. */
  readonly turns: number
  /** The other writers: at each turn of theirs one of them. The first one vacuums. */
  readonly writers: readonly PythonProcess[]
  readonly readers: readonly Reader[]
  readonly whoVacuums: 'we' | 'they'
  /** What the table is partitioned by. Default: nothing. */
  readonly partitionBy?: readonly string[]
}

/**
 * Other writers and we change one table of ours in turn, each in every way it has, and a map by key says what each version has
 * to hold for everybody. Then everything is written anew, what is no longer needed is vacuumed, and both go on.
 */
export async function takeTurns(folder: string, options: TurnsOptions): Promise<void> {
  const { seed, turns, writers, readers, whoVacuums, partitionBy = [] } = options
  const random = createRandom(seed)
  const rows = new Map<number, Row>()
  const versions: Version[] = []
  const path = join(folder, 'events')

  async function turn(who: string, what: string, change: () => Promise<unknown>): Promise<void> {
    await change()
    const { version } = await openLake(folder).table('events')
    // What finds nothing to do makes none, and a vacuum of theirs makes two.
    while (versions.length <= version) versions.push([...rows.values()])
    const { findings } = await verifyLake(folder, { allVersions: true })
    assert.equal(findings, [], `version ${version}, ${what} by ${who}`)
  }

  async function play(each: number): Promise<void> {
    for (let nth = 0; nth < each; nth++) {
      const [theirs, how] = theirTurn(rows, random)
      await turn('them', theirs, () => random.pick(writers).ask(theirs, { path, ...how }))
      await ourTurn(random.pick(['merge', 'merge', 'append', 'optimize', 'sort']))
    }
  }

  async function ourTurn(what: 'merge' | 'append' | 'optimize' | 'sort'): Promise<void> {
    if (what === 'merge') await turn('us', what, () => load(folder, [set(rows, mixedRows(rows, random))], byId))
    else if (what === 'append') await turn('us', what, () => load(folder, [set(rows, newRows(rows, random))]))
    else await turn('us', what, () => optimizeLake(folder, { sortBy: what === 'sort' ? ['id'] : [] }))
  }

  // One row has everything, so that all columns are there from the start, and all members of the objects.
  const whole = { id: 1, kind: 'x', name: 'a', at: '2024-02-29T12:00:00.123456Z', tags: ['x'], o: { n: 1, x: 0.5 } }
  const beginning = [whole, ...newRows(new Map([[1, whole]]), random)]
  await turn('us', 'first merge', () => load(folder, [set(rows, beginning)], { ...byId, partitionBy }))
  // So that each of them writes some, and reads those of the others.
  const properties = { 'delta.checkpointInterval': '3' }
  await turn('them', 'properties', async () => writers[0]?.ask('set-properties', { path, properties }))
  await play(turns)
  await holdReaders(folder, 'events', versions, readers)

  const anew = [...rows.values()].map((row) => ({ ...row, name: 'all' }))
  await turn('us', 'merge of all', () => load(folder, [set(rows, anew)], byId))
  versions.fill(undefined, 0, -1)
  await turn(whoVacuums, 'vacuum', async () => {
    if (whoVacuums === 'they') await writers[0]?.ask('vacuum', { path })
    else await vacuumLake(folder, { retentionHours: 0, allowShortRetention: true })
  })
  await play(2)
  await holdReaders(folder, 'events', versions, readers)
}

/** A question to their process that changes the table, after it has changed the rows. */
function theirTurn(rows: Map<number, Row>, random: Random): readonly [question: string, how: Row] {
  const question = random.pick(['append', 'merge', 'merge', 'update', 'delete', 'optimize'])
  if (question === 'append') return [question, { rows: set(rows, newRows(rows, random)) }]
  if (question === 'merge') return [question, { key: 'id', rows: set(rows, mixedRows(rows, random)) }]
  if (question === 'optimize') return [question, {}]
  const from = random.int(1, 5)
  const chosen = [...rows.values()].filter((row) => Number(row['id']) % 6 === from)
  if (question === 'update') {
    for (const row of chosen) rows.set(Number(row['id']), { ...row, name: 'updated' })
    return [question, { predicate: `id % 6 = ${from}`, updates: { name: "'updated'" } }]
  }
  for (const { id } of chosen) rows.delete(Number(id))
  return [question, { predicate: `id % 6 = ${from}` }]
}

function set(rows: Map<number, Row>, some: readonly Row[]): readonly Row[] {
  for (const row of some) rows.set(Number(row['id']), row)
  return some
}

/** With keys beyond those that are there. */
function newRows(rows: ReadonlyMap<number, Row>, random: Random): readonly Row[] {
  const last = Math.max(0, ...rows.keys())
  return Array.from({ length: random.int(1, 6) }, (_, index) => rowOf(last + 1 + index, random))
}

/** Some that change, and some that are new. */
function mixedRows(rows: ReadonlyMap<number, Row>, random: Random): readonly Row[] {
  const changed = [...rows.keys()].filter(() => random.chance(0.2)).map((id) => rowOf(id, random))
  return [...changed, ...newRows(rows, random)]
}

function rowOf(id: number, random: Random): Row {
  return {
    id,
    kind: random.pick(['x', 'ü/=', null]),
    name: random.chance(0.2) ? null : random.string(random.int(0, 12)),
    at: random.date(new Date(0), new Date(2e12)).toISOString(),
    tags: random.chance(0.2) ? null : Array.from({ length: random.int(0, 2) }, () => random.pick(['x', 'y', null])),
    o: random.chance(0.2) ? null : { n: random.int(-9, 9), x: random.chance(0.5) ? null : random.next() },
  }
}
