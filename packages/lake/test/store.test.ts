import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskStore } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { testObjectStore } from '../../../test/support/test-object-store.ts'

testObjectStore('on disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-store-'))
  return { store: diskStore(join(folder, 'not yet there')), remove: () => rm(folder, { recursive: true, force: true }) }
})

const it = suite('a store on disk')

it('leaves nothing behind of what it did not create', async () => {
  await withTempFolder(async (folder) => {
    const store = diskStore(folder)
    await Promise.all(['a', 'b', 'c'].map((each) => store.putIfAbsent('log/1', Buffer.from(each))))
    await store.put('log/2', Buffer.from('pointer'))
    assert.equal(await readdir(join(folder, 'log')), ['1', '2'])
  })
})

it('names the path where the disk does not do what is asked', async () => {
  await withTempFolder(async (folder) => {
    await writeFile(join(folder, 'file'), '')
    const store = diskStore(join(folder, 'file'))
    for (const work of [() => store.get('a'), () => store.putIfAbsent('a', Buffer.from('')), () => store.list('')]) {
      const error = await failureOf(work())
      assert.is(error.code, 'E_STORAGE')
      assert.ok(error.message.includes(join(folder, 'file')), error.message)
    }
  })
})

it.run()
