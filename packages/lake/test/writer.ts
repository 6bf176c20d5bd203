import { createConverter } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { lake } from '@millrace/lake'
import { type CommitReport, type Disposition, type Session, type TableRef, upsertRules } from '@millrace/pipeline'
import type { Random } from '../../../test/support/random.ts'
import type { RowsByKey } from './serial-order.ts'

/** One load of one writer: rows, and what is done with them. */
export interface Load {
  readonly disposition: Disposition
  readonly rows: readonly { readonly id: number; readonly by: string }[]
}

/** Rows whose values tell who made them. Keys are few, so that writers meet. */
export function randomLoad(random: Random, by: string, keys: number): Load {
  const disposition = random.chance(0.1) ? 'replace' : random.chance(0.5) ? 'merge' : 'append'
  const count = random.int(1, 5)
  const rows = Array.from({ length: count }, (_, index) => ({ id: random.int(0, keys), by: `${by}.${index}` }))
  return { disposition, rows }
}

/** What a load does to the rows of a table, as simply as can be said. */
export function effectOf({ disposition, rows }: Load): (table: RowsByKey) => void {
  return (table) => {
    if (disposition === 'replace') table.clear()
    if (disposition === 'merge') for (const { id } of rows) table.set(id, [])
    for (const { id, by } of rows) {
      const before = disposition === 'merge' ? [] : (table.get(id) ?? [])
      table.set(id, [...before, by])
    }
  }
}

/** The transactions of a writer are counted under this name. */
export function appIdOf(pipeline: string): string {
  return `${pipeline}/rows`
}

export interface StagedLoad {
  readonly session: Session
  /** Ends the session too. */
  commit(): Promise<CommitReport>
}

/** Opens a session and stages a load into the table `shared`; all that is left is to commit. */
export async function stageLoad(
  folder: string,
  pipeline: string,
  run: string,
  { disposition, rows }: Load,
): Promise<StagedLoad> {
  const session = await lake(folder).open({ pipeline, run })
  const primaryKey = disposition === 'merge' ? ['id'] : []
  const table: TableRef = {
    stream: 'rows',
    table: 'shared',
    disposition,
    primaryKey,
    mode: 'incremental',
    configuration: '',
  }
  await session.discard('rows')
  const schema = await session.schema(table)
  const batch = createConverter(schema ? { schema } : {}).convert(rows as readonly Row[])
  const checkpoint = { position: { run }, pages: 1, rows: rows.length }
  await session.stage([{ table, batch }], checkpoint)
  return {
    session,
    commit: async () => {
      try {
        const replace = disposition === 'replace'
        const merge = disposition === 'merge' && { ...upsertRules, isWhole: false, at: 0 }
        return await session.commit({ tables: [{ table, checkpoint, replace, merge }] })
      } finally {
        await session.close()
      }
    },
  }
}
