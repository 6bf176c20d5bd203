import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lake } from '@millrace/lake'
import { run, type Stream } from '@millrace/pipeline'

const pages: number[] = []
const endless: Stream = {
  name: 'endless',
  disposition: 'append',
  async *read({ checkpoint, committed }) {
    for (let page = Number((checkpoint ?? committed)?.['page'] ?? 0); ; page++) {
      pages.push(page)
      await sleep(5)
      yield { rows: [{ page }], position: { page: page + 1 } }
    }
  },
}
const source = { name: 'endless', streams: () => [endless] }
const folder = await mkdtemp(join(tmpdir(), 'endless-'))

/** Runs for a while; the page under way when it is stopped has ten seconds to come. */
async function runFor(ms: number): Promise<void> {
  const stop = AbortSignal.timeout(ms)
  const signal = AbortSignal.timeout(ms + 10_000)
  await run(source, lake(folder), { stop, signal, commitEvery: { rows: 10 } }).catch((thrown) => {
    if (thrown !== stop.reason) throw thrown
  })
}

await runFor(150)
await runFor(150)
// No page was asked for twice.
if (new Set(pages).size !== pages.length) throw new Error(`pages ${pages}`)
await rm(folder, { recursive: true })
