import { createConverter } from '@millrace/arrow'
import { lake, openLake } from '@millrace/lake'
import type { Session, TableRef } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { processUsage } from '../../../test/support/process-usage.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('the thread of a session')

function tableOf(stream: string): TableRef {
  return { stream, table: stream, disposition: 'append', primaryKey: [], mode: 'incremental', configuration: '' }
}

/** Some 2 MB of Arrow data. */
const large = createConverter().convert(
  Array.from({ length: 2_000 }, (_, id) => ({ id, text: `${id * 7919} `.repeat(150) })),
)
const small = createConverter().convert([{ id: 1 }])

/** Stages in two streams, commits, and closes. Returns how many threads were started for that. */
async function threadsFor(
  folder: string,
  batch: typeof large,
  end: (session: Session) => Promise<void>,
): Promise<number> {
  let threads = 0
  const count = (): void => {
    threads += 1
  }
  process.on('worker', count)
  const session = await lake(folder, { segmentBytes: 1_000 }).open({ pipeline: 'p', run: `r ${batch.numRows}` })
  for (const stream of ['one', 'two']) {
    for (const page of [1, 2]) {
      await session.stage([{ table: tableOf(stream), batch }], { position: { page }, pages: page, rows: 0 })
    }
  }
  await end(session)
  await session.close()
  process.off('worker', count)
  return threads
}

async function commit(session: Session): Promise<void> {
  const tables = ['one', 'two'].map((stream) => ({
    table: tableOf(stream),
    checkpoint: { position: { page: 2 }, pages: 2, rows: 0 },
    replace: false,
    merge: false as const,
  }))
  await session.commit({ tables })
}

it('is one for all large files, none for small ones, and ends with the session', async () => {
  await withTempFolder(async (folder) => {
    const before = await processUsage()
    assert.is(await threadsFor(folder, small, commit), 0)
    assert.is(await threadsFor(folder, large, commit), 1)
    const after = await processUsage()
    assert.is(after.threads, before.threads)
    const table = await openLake(folder).table('two')
    assert.is(table.rowCount, 2 + 4_000)
  })
})

it('ends with a session that is aborted', async () => {
  await withTempFolder(async (folder) => {
    const before = await processUsage()
    assert.is(await threadsFor(folder, large, (session) => session.abort()), 1)
    assert.is((await processUsage()).threads, before.threads)
  })
})

it.run()
