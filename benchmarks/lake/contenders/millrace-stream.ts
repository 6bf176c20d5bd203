import { join } from 'node:path'
import { lake, type Page, run, type Source } from 'millrace'
import { contend } from '../../support/contend.ts'

const words = ['new', 'paid', 'sent', 'done']

/** Rows of a page, as many as a generous API gives. */
const pageRows = 1_000

/** Rows between two commits, so that both halves of a long run have some. */
const commitRows = 2_000_000

/**
 * A run of Millrace that appends rows to the lake in a folder as fast as they can be made, and commits now and then: ten
 * fields, about 200 bytes of JSON each. Every page is new objects, as pages that were parsed are.
 */
await contend(async ([folder = '', rows = '0'], first) => {
  const last = Number(rows)
  async function* pages(): AsyncGenerator<Page> {
    for (let from = 0; from < last; from += pageRows) {
      const page = Array.from({ length: Math.min(pageRows, last - from) }, (_, index) => rowOf(from + index))
      first()
      yield { rows: page, position: { read: from + page.length } }
    }
  }
  const source: Source = {
    name: 'stream',
    streams: () => [{ name: 'rows', disposition: 'append', read: pages }],
  }
  const { streams } = await run(source, lake(join(folder, 'lake')), { commitEvery: { rows: commitRows } })
  return streams.reduce((sum, { read }) => sum + read, 0)
})

function rowOf(id: number): Record<string, unknown> {
  const random = Math.imul(id, 0x9e3779b1) >>> 0
  return {
    id,
    account_id: random % 40_000,
    quantity: random % 21,
    price: (random % 5_000_000) / 100 + 0.005,
    is_active: random % 10 < 7,
    status: words[random % words.length],
    email: `user${random % 40_000}@example.com`,
    note: random % 10 < 7 ? `order ${random.toString(36)} of customer ${id.toString(36)}` : null,
    created_at: new Date(1_767_225_600_000 + id * 1_000).toISOString(),
    updated_at: new Date(1_767_225_600_000 + id * 1_000 + (random % 86_400_000)).toISOString(),
  }
}
