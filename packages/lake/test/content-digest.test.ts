import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter } from '@millrace/arrow'
import type { Row } from '@millrace/core'
import { lake } from '@millrace/lake'
import { type Session, type TableRef, upsertRules } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deltaCommits, deltaFiles } from '../../../test/support/delta-files.ts'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const it = suite('the digest of a data file')

const events: TableRef = {
  stream: 'events',
  table: 'events',
  disposition: 'merge',
  primaryKey: ['id'],
  mode: 'incremental',
  configuration: '',
}

it('is in the log for every file: staged, written anew by a merge, and without its repeated keys', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, 'r1', [{ id: 1 }, { id: 2 }, { id: 3 }])
    await load(folder, 'r2', [{ id: 2, text: 'other' }, { id: 4 }, { id: 4 }])
    const table = join(folder, 'events')
    const digests = new Map<string, string | undefined>()
    for (const commit of await deltaCommits(table)) {
      for (const line of (await readFile(join(table, '_delta_log', commit), 'utf8')).trim().split('\n')) {
        const { add } = JSON.parse(line) as { add?: { path: string; tags?: Record<string, string> } }
        if (add) digests.set(add.path, add.tags?.['millrace.fileSha256'])
      }
    }
    // One of the first load, and of the second one what is left of that and what came.
    assert.is(digests.size, 3)
    for (const [path, digest] of digests) {
      assert.is(
        digest,
        createHash('sha256')
          .update(await readFile(join(table, path)))
          .digest('hex'),
      )
    }
  })
})

it('keeps a merge from writing a damaged file anew as if it were right', async () => {
  await withTempFolder(async (folder) => {
    await load(folder, 'r1', [
      { id: 1, text: 'abcdefgh' },
      { id: 2, text: 'ijklmnop' },
    ])
    const [file = ''] = await deltaFiles(join(folder, 'events'))
    const bytes = await readFile(file)
    // In the footer: what wrote the file. Nobody else would see that.
    const at = bytes.lastIndexOf('parquet-rs')
    assert.ok(at > 0)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    await writeFile(file, bytes)
    const error = await failureOf(load(folder, 'r2', [{ id: 2, text: 'other' }]))
    assert.is(error.code, 'E_CORRUPT')
    assert.ok(error.message.includes(file), error.message)
    assert.is((await deltaCommits(join(folder, 'events'))).length, 1)
    // Restored, the same run goes through.
    bytes[at] = (bytes[at] ?? 0) ^ 1
    await writeFile(file, bytes)
    await load(folder, 'r3', [])
    assert.is((await deltaCommits(join(folder, 'events'))).length, 2)
  })
})

it.run()

async function load(folder: string, run: string, rows: readonly Row[]): Promise<void> {
  const session: Session = await lake(folder).open({ pipeline: 'p', run })
  try {
    const staged = (await session.unfinished())?.streams[0]?.checkpoint
    const checkpoint = staged ?? { position: { run }, pages: 1, rows: rows.length }
    if (rows.length > 0) await session.stage([{ table: events, batch: createConverter().convert(rows) }], checkpoint)
    await session.commit({
      tables: [{ table: events, checkpoint, replace: false, merge: { ...upsertRules, isWhole: false, at: 0 } }],
    })
  } finally {
    await session.close()
  }
}
