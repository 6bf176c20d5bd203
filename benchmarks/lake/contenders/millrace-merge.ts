import { join } from 'node:path'
import { fromArrow, lake, type Page, readParquet, run, type Source } from 'millrace'
import { contend } from '../../support/contend.ts'
import { tableName } from '../make-lake.ts'
import { primaryKey } from '../orders.ts'

/** Rows of a page, as many as a generous API gives. */
const pageRows = 1_000

/** A run of Millrace that merges the rows of a file, page by page, into the lake in a folder. */
await contend(async ([folder = '', changes = '', memoryLimit = '1GB'], first) => {
  async function* pages(): AsyncGenerator<Page> {
    let read = 0
    for await (const batch of readParquet(changes)) {
      for (let from = 0; from < batch.numRows; from += pageRows) {
        const rows = fromArrow(batch.slice(from, from + pageRows))
        read += rows.length
        first()
        yield { rows, position: { read } }
      }
    }
  }
  const source: Source = {
    name: 'changes',
    streams: () => [{ name: tableName, primaryKey: [primaryKey], disposition: 'merge', read: pages }],
  }
  const { streams } = await run(source, lake(join(folder, 'lake'), { memoryLimit }))
  return streams.reduce((sum, { read }) => sum + read, 0)
})
