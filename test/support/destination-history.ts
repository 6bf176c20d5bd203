import { createConverter } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { type Checkpoint, type CommitTable, type Session, type TableRef, upsertRules } from '@millrace/pipeline'
import * as assert from 'uvu/assert'
import { createRandom, type Random } from './random.ts'
import type { DestinationPlace } from './test-destination.ts'

/** What a table and a stage have to be, kept as simply as can be. */
interface Oracle {
  committed: Row[]
  /** In the table of nested rows. */
  nested: Row[]
  position: unknown
  staged: {
    rows: Row[]
    nested: Row[]
    checkpoint: Checkpoint
    exists: boolean
    /** The run has committed this stream, and goes on: what it replaced is replaced. */
    continued: boolean
  }
}

const atStart: Checkpoint = { position: {}, pages: 0, rows: 0 }

/**
 * Plays one random history of a pipeline with two streams, one of them with nested rows: pages, new columns, deaths, takeovers by a newer run while the
 * older one is alive, drops, commits of either or both. After each commit the tables must be what a `Map` says.
 */
export async function checkHistory(place: DestinationPlace, seed: number): Promise<void> {
  const random = createRandom(seed)
  const pipeline = `history-${seed}`
  const tables = [
    tableOf(`m${seed}`, 'merge', random.chance(0.3) ? ['id', 'part'] : ['id']),
    tableOf(`a${seed}`, 'append', []),
  ]
  const oracles = new Map(tables.map(({ stream }) => [stream, emptyOracle()]))
  const oracleOf = (stream: string): Oracle => oracles.get(stream) ?? emptyOracle()
  const zombies: Session[] = []
  const told = `seed ${seed}`

  const runs = random.int(2, 4)
  for (let run = 1; run <= runs; run++) {
    const session = await place.destination().open({ pipeline, run: `r${run}` })
    for (const zombie of zombies) await checkFenced(zombie, tables, told)
    const { streams } = await session.state()
    const unfinished = (await session.unfinished())?.streams ?? []
    if (
      [...oracles.values()].every(
        ({ staged }) => !staged.exists || (staged.continued && staged.rows.length + staged.nested.length === 0),
      )
    ) {
      for (const oracle of oracles.values()) oracle.staged = emptyOracle().staged
    }
    for (const { stream } of tables) {
      const oracle = oracleOf(stream)
      assert.equal(streams[stream]?.position, oracle.position, `${told}, run ${run}: position of ${stream}`)
      const staged = unfinished.find(({ table }) => table.stream === stream)
      assert.equal(
        staged?.checkpoint,
        oracle.staged.exists ? oracle.staged.checkpoint : undefined,
        `${told}, run ${run}: stage of ${stream}`,
      )
      if (staged && random.chance(0.2)) {
        await session.discard(stream)
        oracle.staged = emptyOracle().staged
      }
    }
    for (const table of tables) await stagePages(session, table, oracleOf(table.stream), random)

    const isLast = run === runs
    if (!isLast && random.chance(0.4)) {
      if (random.chance(0.3)) await session.close()
      else zombies.push(session)
      continue
    }
    const plan = isLast || random.chance(0.7) ? tables : tables.filter(() => random.chance(0.5))
    const items = plan.map((table): CommitTable => {
      const { staged } = oracleOf(table.stream)
      return {
        table,
        checkpoint: staged.checkpoint,
        replace: random.chance(0.2),
        merge: table.disposition === 'merge' && { ...upsertRules, isWhole: false, at: 0 },
      }
    })
    const report = await session.commit({ tables: items })
    for (const item of items) apply(oracleOf(item.table.stream), item)
    for (const { table, root, rows } of report.tables) {
      const expected = root === undefined ? oracleOf(table).committed : oracleOf(root).nested
      assert.is(rows, expected.length, `${told}, run ${run}: rows reported of ${table}`)
    }
    for (const { table } of tables) {
      const { committed, nested } = oracleOf(table)
      assert.equal(lines((await place.read(table)) ?? []), lines(committed), `${told}, run ${run}: rows of ${table}`)
      const child = nestedOf(table)
      assert.equal(lines((await place.read(child)) ?? []), lines(nested), `${told}, run ${run}: rows of ${child}`)
    }
    if (random.chance(0.5)) await session.close()
    else zombies.push(session)
  }
}

function tableOf(name: string, disposition: 'merge' | 'append', primaryKey: readonly string[]): TableRef {
  return { stream: name, table: name, disposition, primaryKey, mode: 'incremental', configuration: '' }
}

function emptyOracle(): Oracle {
  return {
    committed: [],
    nested: [],
    position: undefined,
    staged: { rows: [], nested: [], checkpoint: atStart, exists: false, continued: false },
  }
}

const nestedOf = (table: string): string => `${table}__nested`

function nestedRef(root: TableRef): TableRef {
  const { stream, table } = root
  return { ...root, stream: nestedOf(table), table: nestedOf(table), primaryKey: [], root: { stream, table } }
}

async function checkFenced(zombie: Session, tables: readonly TableRef[], told: string): Promise<void> {
  const [table] = tables
  if (!table) return
  let code: unknown
  try {
    const batch = createConverter().convert([{ id: -1, part: 'zombie' }])
    const checkpoint = { position: { zombie: true }, pages: 99, rows: 99 }
    await zombie.stage([{ table, batch }], checkpoint)
    await zombie.commit({ tables: [{ table, checkpoint, replace: true, merge: false }] })
  } catch (thrown) {
    code = thrown instanceof Error && 'code' in thrown ? thrown.code : thrown
  }
  assert.is(code, 'E_FENCED', `${told}: an older session commits`)
}

async function stagePages(session: Session, table: TableRef, oracle: Oracle, random: Random): Promise<void> {
  const schema = await session.schema(table)
  const converter = createConverter(schema ? { schema } : {})
  const child = nestedRef(table)
  const childSchema = await session.schema(child)
  const childConverter = createConverter(childSchema ? { schema: childSchema } : {})
  const pages = random.int(0, 4)
  for (let page = 0; page < pages; page++) {
    const rows = Array.from({ length: random.int(0, 6) }, () => randomRow(random))
    const { staged } = oracle
    const number = staged.checkpoint.pages + 1
    // Different in every history of a stream, so that a checkpoint from the past is never taken for this one.
    const position = { page: number, mark: random.int(0, 1_000_000_000) }
    const checkpoint = { position, pages: number, rows: staged.checkpoint.rows + rows.length }
    const parts = [{ table, batch: converter.convert(rows) }]
    const nested =
      table.disposition === 'append' && random.chance(0.5)
        ? Array.from({ length: random.int(1, 3) }, () => ({ item: random.int(0, 99) }))
        : []
    if (nested.length > 0) parts.push({ table: child, batch: childConverter.convert(nested) })
    await session.stage(parts, checkpoint)
    oracle.staged = {
      ...staged,
      rows: [...staged.rows, ...rows],
      nested: [...staged.nested, ...nested],
      checkpoint,
      exists: true,
    }
  }
}

function randomRow(random: Random): Row {
  const id = random.int(1, 12)
  const part = random.pick(['x', 'y'])
  const text = random.chance(0.2) ? {} : { v: random.string(random.int(0, 40)) }
  return { id, part, ...text, ...(random.chance(0.1) ? { [`late${random.int(1, 3)}`]: random.int(0, 9) } : {}) }
}

function apply(oracle: Oracle, { table, replace, merge, checkpoint }: CommitTable): void {
  const { staged } = oracle
  const isReplaced = replace && !staged.continued
  const rows = [...(isReplaced ? [] : oracle.committed), ...staged.rows]
  oracle.nested = [...(isReplaced ? [] : oracle.nested), ...staged.nested]
  if (merge) {
    const last = new Map<string, Row>()
    for (const row of rows) last.set(JSON.stringify(table.primaryKey.map((name) => row[name])), row)
    oracle.committed = [...last.values()]
  } else oracle.committed = rows
  // A stream that never had a column has no table, and so no place for its position.
  const isStored = oracle.position !== undefined || staged.rows.length > 0 || rows.length > 0
  if (isStored) oracle.position = checkpoint.position
  oracle.staged = { rows: [], nested: [], checkpoint, exists: true, continued: true }
}

/** Rows as text without their nulls, sorted: a table promises no order. */
function lines(rows: readonly Row[]): readonly string[] {
  return rows
    .map((row) => {
      const filled = Object.entries(row).filter(([, value]) => value !== null && value !== undefined)
      return JSON.stringify(filled.map(([name, value]) => [name, String(value)]).sort())
    })
    .sort()
}
