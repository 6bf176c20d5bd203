import { rm, utimes } from 'node:fs/promises'
import { openLake } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { commitRows, idsOf, logPath, upTo } from './log-of-events.ts'

const it = suite('a table at an earlier version')

it('is read from checkpoints and from commits, whichever are there', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(23))
    for (const version of upTo(23)) assert.equal(await idsOf(folder, version), upTo(version + 1))
    for (const version of [3, 4, 10, 14]) await rm(logPath(folder, version))
    for (const version of [0, 2, 10, 13, 20, 22]) assert.equal(await idsOf(folder, version), upTo(version + 1))
    for (const version of [3, 5, 9, 14, 15, 23]) {
      const error = await failureOf(idsOf(folder, version))
      assert.is(error.code, 'E_VERSION_NOT_FOUND', `version ${version}: ${error.message}`)
      assert.match(error.message, /those that can are 0 to 2, 10 to 13, 20 to 22$/)
    }
  })
})

it('is the one of a moment, between its commits too', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(4))
    await setTimes(folder, [1000, 2000, 3000, 4000])
    assert.equal(await versionsAt(folder, [1000, 1999, 2000, 3500, 4000, 90_000]), [0, 0, 1, 2, 3, 3])
    const error = await failureOf(openLake(folder).table('events', { at: new Date(999) }))
    assert.is(error.code, 'E_VERSION_NOT_FOUND')
    assert.match(error.message, /the oldest that can be read is 0, of 1970-01-01T00:00:01.000Z/)
  })
})

it('is later than the one before, whatever the clocks said', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, upTo(4))
    await setTimes(folder, [5000, 3000, 3000, 6000])
    assert.equal(await versionsAt(folder, [5000, 5001, 5002, 5999, 6000]), [0, 1, 2, 2, 3])
    const history = await (await openLake(folder).table('events')).history()
    for (const { version, committedAt } of history) {
      assert.is((await openLake(folder).table('events', { at: committedAt })).version, version)
    }
    assert.is(history.length, 4)
  })
})

it('is asked for in one way, with a moment that is one', async () => {
  await withTempFolder(async (folder) => {
    await commitRows(folder, [0])
    const ask = async (options: { at: Date | string; version?: number }): Promise<string> =>
      openLake(folder)
        .table('events', options)
        .then(String, (thrown: Error) => thrown.message)
    assert.match(await ask({ at: 'yesterday' }), /at must be a date or text in ISO 8601, got yesterday/)
    assert.match(await ask({ at: new Date(), version: 0 }), /not both/)
    const error = await failureOf(openLake(folder).table('nothing', { at: new Date() }))
    assert.is(error.code, 'E_TABLE_NOT_FOUND')
  })
})

it.run()

async function setTimes(folder: string, times: readonly number[]): Promise<void> {
  for (const [version, time] of times.entries()) {
    await utimes(logPath(folder, version), new Date(time), new Date(time))
  }
}

async function versionsAt(folder: string, times: readonly number[]): Promise<readonly number[]> {
  const tables = times.map((time) => openLake(folder).table('events', { at: new Date(time).toISOString() }))
  return (await Promise.all(tables)).map(({ version }) => version)
}
