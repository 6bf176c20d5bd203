import { cp, readFile, writeFile } from 'node:fs/promises'
import { openLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { commitRows, foreignCommit, idsOf, logPath, openSession, upTo } from './log-of-events.ts'

const it = suite('a log that has been damaged')

it('is refused at whatever byte of a commit a bit has changed, by the name of its file', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, [0])
    const path = logPath(folder, 0)
    const bytes = await readFile(path)
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      await writeFile(path, changed)
      const error = await failureOf(openLake(folder).table('events'))
      assert.is(error.code, 'E_CORRUPT', `byte ${at}`)
      assert.ok(error.message.includes(path), error.message)
    }
    await writeFile(path, bytes)
    assert.equal(await idsOf(folder), [0])
  })
})

it('is refused wherever a commit is cut off', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(2))
    const path = logPath(folder, 1)
    const bytes = await readFile(path)
    for (let length = 0; length < bytes.length; length += 13) {
      await writeFile(path, bytes.subarray(0, length))
      const error = await failureOf(openLake(folder).table('events'))
      assert.is(error.code, 'E_CORRUPT', `${length} bytes`)
      assert.ok(error.message.includes(path), error.message)
    }
  })
})

it('is refused where a commit is in the place of another', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(3))
    await cp(logPath(folder, 1), logPath(folder, 2))
    assert.is((await failureOf(openLake(folder).table('events'))).code, 'E_CORRUPT')
    assert.is((await openLake(folder).table('events', { version: 1 })).version, 1)
  })
})

it('is not written to', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(2))
    const path = logPath(folder, 1)
    await writeFile(path, (await readFile(path, 'utf8')).replace('"numRecords', '"numrecords'))
    const session = await openSession(folder)
    const error = await failureOf(commitRows(folder, [2]))
    assert.is(error.code, 'E_CORRUPT')
    assert.ok(error.message.includes(path), error.message)
    await session.close()
  })
})

it('is read where another writer says in a text what our commits say of themselves', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, [0])
    const text = await readFile(logPath(folder, 0), 'utf8')
    const theirs = { commitInfo: { timestamp: 1, operation: 'WRITE', engineInfo: 'theirs', userMetadata: text } }
    await foreignCommit(folder, 1, [theirs])
    assert.equal(await idsOf(folder), [0])
    await commitRows(folder, [1])
    assert.equal(await idsOf(folder), [0, 1])
  })
})

it.run()
