import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lake } from '@millrace/lake'
import { run, type Stream } from '@millrace/pipeline'

const squares: Stream = {
  name: 'squares',
  primaryKey: ['n'],
  disposition: 'merge',
  async *read({ checkpoint }) {
    // A run that died left a checkpoint: go on after it.
    for (let page = Number(checkpoint?.['page'] ?? 0); page < 3; page++) {
      const rows = [0, 1, 2].map((i) => ({ n: page * 3 + i, square: (page * 3 + i) ** 2 }))
      yield { rows, position: { page: page + 1 } }
    }
  },
}

const folder = await mkdtemp(join(tmpdir(), 'squares-'))
const report = await run({ name: 'numbers', streams: () => [squares] }, lake(folder))
console.log(report.streams[0]?.inserted) // => 9
if (report.streams[0]?.tableRows !== 9) throw new Error('expected 9 rows')
await rm(folder, { recursive: true })
