import { createConverter } from '@millrace/arrow'
import type { Position, Row } from '@millrace/core'
import { lake } from '@millrace/lake'
import { type Checkpoint, type CommitTable, type TableRef, upsertRules } from '@millrace/pipeline'

/** The pages of an API that never changes: five of them, per stream. */
export const shopPages = 5
export const shopTables: readonly {
  readonly table: TableRef
  readonly page: (number: number) => readonly Row[]
  readonly nested?: (number: number) => readonly Row[]
}[] = [
  {
    table: { ...tableOf('events', 'merge', ['id']), partitionBy: ['at'] },
    // Keys of the page before come again, changed: also across segments and runs.
    page: (number) => [0, 1, 2, 3].map((index) => ({ id: number * 2 + index, at: `page ${number}` })),
  },
  {
    table: tableOf('others', 'append', []),
    page: (number) => [0, 1].map((index) => ({ id: number * 2 + index, ...(number > 3 ? { late: true } : {}) })),
    // Not on every page.
    nested: (number) => (number % 2 === 1 ? [{ id: number * 10 }, { id: number * 10 + 1 }] : []),
  },
]

/**
 * What a whole run does, as the engine does it: takes over what is unfinished, reads on from there or from the last
 * commit, and commits. Returns how many pages it read; `onPage` is told of each once it is durable.
 */
export async function shopRun(folder: string, run: string, upTo = shopPages, onPage = (): void => {}): Promise<number> {
  const session = await lake(folder, { segmentRows: 5 }).open({ pipeline: 'shop', run })
  try {
    const { streams: committed } = await session.state()
    const unfinished = (await session.unfinished())?.streams ?? []
    const plan: CommitTable[] = []
    let read = 0
    for (const { table, page, nested } of shopTables) {
      const resumed = unfinished.find((staged) => staged.table.stream === table.stream)?.checkpoint
      const position: Position = resumed?.position ?? committed[table.stream]?.position ?? { page: 0 }
      let checkpoint: Checkpoint = resumed ?? { position, pages: 0, rows: 0 }
      const schema = await session.schema(table)
      const converter = createConverter(schema ? { schema } : {})
      const child = childOf(table)
      const childSchema = await session.schema(child)
      const childConverter = createConverter(childSchema ? { schema: childSchema } : {})
      for (let number = Number(position['page']) + 1; number <= upTo; number++) {
        const rows = page(number)
        checkpoint = { position: { page: number }, pages: checkpoint.pages + 1, rows: checkpoint.rows + rows.length }
        const items = nested?.(number) ?? []
        const part = { table: child, batch: childConverter.convert(items) }
        await session.stage(
          [{ table, batch: converter.convert(rows) }, ...(items.length > 0 ? [part] : [])],
          checkpoint,
        )
        read += 1
        onPage()
      }
      plan.push({
        table,
        checkpoint,
        replace: false,
        merge: table.disposition === 'merge' && { ...upsertRules, isWhole: false, at: 0 },
      })
    }
    await session.commit({ tables: plan })
    return read
  } finally {
    await session.close()
  }
}

/** What the tables have to hold in the end, as lines. */
export const expectedRows: Readonly<Record<string, readonly string[]>> = {
  events: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    .map((id) => `${id} page ${Math.min(shopPages, Math.floor(id / 2))}`)
    .sort(),
  others__items: ['10', '11', '30', '31', '50', '51'],
  others: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((id) => (id >= 8 ? `${id} true` : `${id}`)).sort(),
}

function tableOf(name: string, disposition: TableRef['disposition'], primaryKey: readonly string[]): TableRef {
  return { stream: name, table: name, disposition, primaryKey, mode: 'incremental', configuration: '' }
}

function childOf(root: TableRef): TableRef {
  const { stream, table } = root
  return { ...root, stream: `${table}__items`, table: `${table}__items`, root: { stream, table } }
}
