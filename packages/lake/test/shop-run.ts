import { type Converter, createConverter, createTableSplitter } from '@millrace/arrow'
import type { Position, Row } from '@millrace/core'
import { lake } from '@millrace/lake'
import { type Checkpoint, type CommitTable, type StagePart, type TableRef, upsertRules } from '@millrace/pipeline'

/** The pages of an API that never changes: five of them, per stream. */
export const shopPages = 5
export const shopTables: readonly { readonly table: TableRef; readonly page: (number: number) => readonly Row[] }[] = [
  { table: { ...tableOf('events', 'merge', ['id']), partitionBy: ['at'] }, page: changingRows },
  {
    table: tableOf('others', 'append', []),
    page: (number) =>
      [0, 1].map((index) => ({
        id: number * 2 + index,
        ...(number > 3 ? { late: true } : {}),
        // Not on every page.
        ...(index === 0 && number % 2 === 1 && { items: [{ id: number * 10 }, { id: number * 10 + 1 }] }),
      })),
  },
  {
    table: tableOf('orders', 'merge', ['id']),
    page: (number) => changingRows(number).map((row, index) => ({ ...row, lines: linesOf(number, index) })),
  },
]

/** Keys of the page before come again, changed: also across segments and runs. */
function changingRows(number: number): readonly Row[] {
  return [0, 1, 2, 3].map((index) => ({ id: number * 2 + index, at: `page ${number}` }))
}

/** None, one or two, whatever the row had before. */
function linesOf(number: number, index: number): readonly Row[] {
  const id = number * 2 + index
  return Array.from({ length: (number + index) % 3 }, (_, line) => ({ id: `${id}-${line}`, at: `page ${number}` }))
}

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
    for (const { table, page } of shopTables) {
      const resumed = unfinished.find((staged) => staged.table.stream === table.stream)?.checkpoint
      const position: Position = resumed?.position ?? committed[table.stream]?.position ?? { page: 0 }
      let checkpoint: Checkpoint = resumed ?? { position, pages: 0, rows: 0 }
      const splitter = createTableSplitter({ table: table.table, contentIds: table.disposition === 'merge' })
      const converters = new Map<string, Converter>()
      for (let number = Number(position['page']) + 1; number <= upTo; number++) {
        const rows = page(number)
        checkpoint = { position: { page: number }, pages: checkpoint.pages + 1, rows: checkpoint.rows + rows.length }
        const parts: StagePart[] = []
        for (const part of splitter.split(rows)) {
          const ref = part.table === table.table ? table : childOf(table, part.table)
          const schema = await session.schema(ref)
          const converter = converters.get(part.table) ?? createConverter(schema ? { schema } : {})
          converters.set(part.table, converter)
          parts.push({ table: ref, batch: converter.convert(part.rows) })
        }
        await session.stage(parts, checkpoint)
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

const changedRows = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
  .map((id) => `${id} page ${Math.min(shopPages, Math.floor(id / 2))}`)
  .sort()

/** What the tables have to hold in the end, as lines. */
export const expectedRows: Readonly<Record<string, readonly string[]>> = {
  events: changedRows,
  others__items: ['10', '11', '30', '31', '50', '51'],
  others: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((id) => (id >= 8 ? `${id} true` : `${id}`)).sort(),
  // Of the last page that each order is on.
  orders__lines: [1, 2, 3, 4, 5]
    .flatMap((page) => (page < shopPages ? [0, 1] : [0, 1, 2, 3]).flatMap((index) => linesOf(page, index)))
    .map(({ id, at }) => `${id} ${at}`)
    .sort(),
  orders: changedRows,
}

function tableOf(name: string, disposition: TableRef['disposition'], primaryKey: readonly string[]): TableRef {
  return { stream: name, table: name, disposition, primaryKey, mode: 'incremental', configuration: '' }
}

function childOf(root: TableRef, name: string): TableRef {
  return { ...root, stream: name, table: name, primaryKey: [], root: { stream: root.stream, table: root.table } }
}
