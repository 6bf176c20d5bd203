import { type Converter, createConverter } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import {
  type Checkpoint,
  type CommitTable,
  type MergePlan,
  type MergeRules,
  mergeProblem,
  type Session,
  type StagePart,
  type TableRef,
} from '@millrace/pipeline'
import * as assert from 'uvu/assert'
import { failureOf } from './failure-of.ts'
import { mergeOracle, textOf } from './merge-oracle.ts'
import { documentOf, nestedNames, nestedOf, nestedRef, splitDocuments } from './nested-rows.ts'
import { createRandom, type Random } from './random.ts'
import type { DestinationPlace } from './test-destination.ts'

/** Histories that share a table: each has keys of its own. A commit costs much the same for one as for all of them. */
export const historiesPerTable = 40

/** A table with its rules, and what it has to hold. */
interface MergedTable {
  readonly table: TableRef
  readonly rules: MergeRules
  /** Its rows have lists, which go to tables of their own. */
  readonly isNested: boolean
  committed: readonly Row[]
  staged: Row[]
  checkpoint: Checkpoint
  /** The run has committed it, and goes on. */
  continued: boolean
}

/**
 * Plays random histories of merges: inserts, updates, deletes, rows that come late, twice, as they were, or without a key; runs
 * that die and are taken over; commits of a part. After each commit every table must be what the oracle says, and one in which
 * nothing changed must have the files it had. Some have tables of nested rows: these must hold those of the rows that are there.
 *
 * @param seeds - Of the tables, which are of one pipeline. Each has {@link historiesPerTable} histories.
 */
export async function checkMergeHistories(place: DestinationPlace, seeds: readonly number[]): Promise<void> {
  const random = createRandom(seeds[0] ?? 0)
  const pipeline = `merges-${seeds[0]}`
  const tables = seeds.map((seed) => createTable(seed, random))
  let clock = Date.UTC(2024, 0, 1)
  let runs = 0
  const open = (): Promise<Session> => place.destination().open({ pipeline, run: `r${++runs}` })
  let session = await open()
  const commits = random.int(3, 5)
  for (let commit = 1; commit <= commits; commit++) {
    for (const merged of tables) await stagePages(session, merged, random)
    if (random.chance(0.3)) {
      if (random.chance(0.5)) await session.close()
      session = await open()
      // What a run before has committed is not its own any more, but for streams with rows that it had staged since.
      const unfinished = (await session.unfinished())?.streams ?? []
      for (const merged of tables) {
        const taken = unfinished.some(({ table }) => table.stream === merged.table.stream)
        if (!taken) Object.assign(merged, { continued: false, checkpoint: atStart })
      }
    }
    // Now and then the clock goes back.
    clock += random.chance(0.1) ? -5_000 : random.int(1, 9_000)
    const plans = tables.map(({ table, rules, checkpoint }): CommitTable & { readonly merge: MergePlan } => {
      const replace = random.chance(0.05)
      return { table, checkpoint, replace, merge: { ...rules, isWhole: random.chance(0.5), at: clock } }
    })
    const { tables: reports } = await session.commit({ tables: plans })
    for (const [index, merged] of tables.entries()) {
      const { table, committed, staged, continued } = merged
      const plan = plans[index]
      if (!plan) continue
      const told = `table ${table.table}, commit ${commit}, ${JSON.stringify({ ...plan.merge, key: table.primaryKey, by: table.partitionBy })}`
      const merge = { ...plan.merge, isWhole: plan.merge.isWhole && !continued }
      const isReplaced = plan.replace && !continued
      const before = isReplaced ? [] : committed
      merged.committed = staged.length > 0 ? mergeOracle(before, staged, merge, table.primaryKey) : before
      const expected = merged.committed.map((row) => textOf(row)).sort()
      const found = ((await place.read(table.table)) ?? []).map((row) => textOf(row)).sort()
      assert.equal(found, expected, `${told}\nbefore ${JSON.stringify(before.map((row) => textOf(row)))}`)
      const report = reports.find((each) => each.table === table.table)
      assert.is(report?.rows, expected.length, `rows reported of ${told}`)
      if (
        !isReplaced &&
        expected.join() ===
          committed
            .map((row) => textOf(row))
            .sort()
            .join()
      ) {
        assert.equal([report?.filesAdded, report?.filesRemoved], [0, 0], `files of ${told}`)
      }
      for (const name of merged.isNested ? nestedNames(table) : []) {
        const nested = nestedOf(table, name, merged.committed)
        assert.equal(
          ((await place.read(name)) ?? []).map((row) => textOf(row)).sort(),
          nested,
          `table ${name} of ${told}\nrows ${found.join('\n')}`,
        )
        const nestedReport = reports.find((each) => each.table === name)
        assert.is(nestedReport?.rows ?? 0, nested.length, `rows reported of ${name} of ${told}`)
        if (!isReplaced && nested.join() === nestedOf(table, name, committed).join()) {
          assert.is(
            (nestedReport?.filesAdded ?? 0) + (nestedReport?.filesRemoved ?? 0),
            0,
            `files of ${name} of ${told}`,
          )
        }
      }
      Object.assign(merged, { staged: [], continued: true })
    }
    if (random.chance(0.6)) {
      await session.close()
      session = await open()
      for (const merged of tables) Object.assign(merged, { continued: false, checkpoint: atStart })
    }
  }
  for (const { table, rules } of tables) {
    if (table.primaryKey.length > 0) await refusesKeyless(session, table, rules)
  }
  await session.close()
}

const strategies = ['upsert', 'delete-insert', 'scd2', 'upsert', 'insert-only'] as const

const atStart: Checkpoint = { position: {}, pages: 0, rows: 0 }

function createTable(seed: number, random: Random): MergedTable {
  const name = `m${seed}`
  for (;;) {
    const primaryKey = random.pick([['id'], ['id'], ['id', 'part'], []])
    const strategy = strategies[seed % strategies.length] ?? 'upsert'
    const mergeKey = strategy === 'delete-insert' || (strategy === 'scd2' && random.chance(0.3)) ? ['day'] : []
    const rules: MergeRules = {
      strategy,
      mergeKey,
      deletedRows: random.pick(['keep', 'keep', 'mark', 'remove'] as const),
      ...(random.chance(0.4) && { hardDelete: random.pick(['gone', 'goneat']) }),
      ...(random.chance(0.4) && { dedupSort: { column: 'n', order: random.pick(['asc', 'desc'] as const) } }),
      ...(strategy === 'scd2' && {
        versions: {
          validFrom: 'valid_from',
          validTo: 'valid_to',
          ...(random.chance(0.3) && { active: '9999-12-31T00:00:00.000Z' }),
          ...(primaryKey.length > 0 && random.chance(0.3) && { column: 'v' }),
        },
      }),
    }
    const { versions: _, ...hints } = rules
    const isNested = seed % 3 > 0
    const schema = isNested ? ({ nested: 'tables' } as const) : {}
    if (mergeProblem({ disposition: 'merge', primaryKey, merge: hints, schema })) continue
    const table: TableRef = {
      stream: name,
      table: name,
      disposition: 'merge',
      primaryKey,
      merge: rules,
      ...(random.chance(0.3) && { partitionBy: random.pick([['part'], ['gone'], ['v', 'n']]) }),
      mode: 'incremental',
      configuration: '',
    }
    return { table, rules, isNested, committed: [], staged: [], checkpoint: atStart, continued: false }
  }
}

async function stagePages(session: Session, merged: MergedTable, random: Random): Promise<void> {
  const { table, isNested } = merged
  const converters = new Map<string, { readonly ref: TableRef; readonly converter: Converter }>()
  const converterOf = async (name: string) => {
    const ref = name === table.table ? table : nestedRef(table, name)
    const schema = await session.schema(ref)
    const made = converters.get(name) ?? { ref, converter: createConverter(schema ? { schema } : {}) }
    converters.set(name, made)
    return made
  }
  const pages = random.int(1, 2)
  // Some loads have no lists at all: what was in those of before goes for that, too.
  const hasLists = isNested && random.chance(0.6)
  for (let page = 0; page < pages; page++) {
    const rows: Row[] = []
    for (let history = 0; history < historiesPerTable; history++) {
      const count = random.pick([0, 1, 1, 2, 3])
      for (let row = 0; row < count; row++) rows.push(nextRow(merged, history, hasLists, random))
    }
    const { checkpoint } = merged
    const position = { page: checkpoint.pages + 1, mark: random.int(0, 1_000_000_000) }
    merged.checkpoint = { position, pages: checkpoint.pages + 1, rows: checkpoint.rows + rows.length }
    const tables = isNested ? splitDocuments(table, rows) : [{ table: table.table, rows }]
    const parts: StagePart[] = []
    for (const part of tables) {
      const { ref, converter } = await converterOf(part.table)
      parts.push({ table: ref, batch: converter.convert(part.rows) })
    }
    await session.stage(parts, merged.checkpoint)
    merged.staged.push(...(tables[0]?.rows ?? []))
  }
}

/** A row of a history: new, changed, or one as it was in the table. */
function nextRow({ committed, rules, isNested }: MergedTable, history: number, hasLists: boolean, random: Random): Row {
  const first = history * 10
  const same = committed.filter(({ id }) => Number(id) >= first && Number(id) < first + 10)
  if (same.length > 0 && hasLists === isNested && random.chance(0.3)) {
    const row = random.pick(same)
    if (isNested) return documentOf(row)
    const own = [rules.versions?.validFrom, rules.versions?.validTo, '_deleted_at']
    return Object.fromEntries(Object.entries(row).filter(([name]) => !own.includes(name)))
  }
  return {
    id: first + random.int(1, 4),
    part: random.pick(['x', 'y']),
    day: `${history} ${random.int(1, 2)}`,
    ...(random.chance(0.8) && { n: random.int(1, 5) }),
    v: random.pick(['a', 'b', 'ü']),
    ...(random.chance(0.2) && !isNested && { list: [{ k: random.int(1, 2) }] }),
    ...(hasLists && listsOf(random)),
    ...(random.chance(0.5) && { gone: random.chance(0.3) }),
    ...(random.chance(0.15) && { goneat: 'then' }),
  }
}

/** Lists of a row: none, empty, or of few values, so that rows often have the same; some are nested in others. */
function listsOf(random: Random): Row {
  const several = <Item>(most: number, item: () => Item): Item[] => Array.from({ length: random.int(0, most) }, item)
  return {
    ...(random.chance(0.6) && { tags: several(2, () => random.pick(['t', 'u'])) }),
    ...(random.chance(0.5) && {
      items: several(3, () => ({
        sku: random.pick(['a', 'b']),
        ...(random.chance(0.4) && { sizes: several(2, () => 1) }),
      })),
    }),
  }
}

async function refusesKeyless(session: Session, table: TableRef, rules: MergeRules): Promise<void> {
  const schema = await session.schema(table)
  const batch = createConverter(schema ? { schema } : {}).convert([{ id: null, part: 'x', day: '1' }])
  const checkpoint = { position: { keyless: true }, pages: 99, rows: 99 }
  await session.stage([{ table, batch }], checkpoint)
  const merge = { ...rules, isWhole: false, at: 0 }
  const error = await failureOf(session.commit({ tables: [{ table, checkpoint, replace: false, merge }] }))
  assert.is(error.code, 'E_KEY_MISSING', table.table)
  await session.discard(table.stream)
}
