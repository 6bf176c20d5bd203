import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectStore } from '@millrace/lake'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from './failure-of.ts'
import { withTempFolder } from './temp-folder.ts'

/** A new store of nothing. */
export interface StorePlace {
  readonly store: ObjectStore
  remove(): Promise<void>
}

/** What every object store has to do: an object is there whole or not at all, and is made by one only. */
export function testObjectStore(name: string, createPlace: () => Promise<StorePlace>): void {
  const it = suite(`object store ${name}`)
  const fact = (title: string, check: (store: ObjectStore) => Promise<void>): void => {
    it(title, async () => {
      const place = await createPlace()
      try {
        await check(place.store)
      } finally {
        await place.remove()
      }
    })
  }

  fact('has nothing where nothing was put', async (store) => {
    assert.is(await store.get('a/b'), undefined)
    assert.equal(await store.list(''), [])
    assert.equal(await store.list('a'), [])
    assert.equal(await store.folders(''), [])
    await store.delete('a/b')
    assert.is((await failureOf(readAll(store, 'a/b'))).code, 'E_STORAGE')
  })

  fact('gives back the bytes that were put, whole and in pieces', async (store) => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251)
    for (const [object, content] of [
      ['a/b/c d+%20ü.bin', bytes],
      ['empty', new Uint8Array(0)],
    ] as const) {
      assert.is(await store.putIfAbsent(object, content), true)
      assert.equal(Buffer.from((await store.get(object)) ?? []), Buffer.from(content))
      assert.equal(await readAll(store, object), Buffer.from(content))
    }
  })

  fact('creates an object once, and leaves the first one as it is', async (store) => {
    assert.is(await store.putIfAbsent('log/1', Buffer.from('first')), true)
    assert.is(await store.putIfAbsent('log/1', Buffer.from('second')), false)
    assert.is(await text(store, 'log/1'), 'first')
    assert.equal(
      (await store.list('log')).map((entry) => entry.name),
      ['1'],
    )
  })

  fact('lets one of many win who create the same object at once', async (store) => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.putIfAbsent('log/1', Buffer.from(`writer ${index}`))),
    )
    assert.is(answers.filter(Boolean).length, 1)
    assert.is(await text(store, 'log/1'), `writer ${answers.indexOf(true)}`)
  })

  fact('puts an object in the place of another, never seen by half', async (store) => {
    const contents = ['a', 'b'].map((letter) => letter.repeat(300_000))
    await store.put('pointer', Buffer.from(contents[0] ?? ''))
    const seen = new Set<string | undefined>()
    const write = async (): Promise<void> => {
      for (let round = 1; round <= 10; round++) await store.put('pointer', Buffer.from(contents[round % 2] ?? ''))
    }
    const read = async (): Promise<void> => {
      for (let round = 0; round < 20; round++) seen.add(await text(store, 'pointer'))
    }
    await Promise.all([write(), read()])
    for (const content of seen) assert.ok(content !== undefined && contents.includes(content), 'seen by half')
    assert.is(await text(store, 'pointer'), contents[0])
  })

  fact('lists a folder in order, without what is in folders of it', async (store) => {
    const before = Date.now() - 2000
    for (const object of ['log/10', 'log/9', 'log/09', 'log/deep/1', 'logs/1', 'top']) {
      await store.putIfAbsent(object, Buffer.from(object))
    }
    const entries = await store.list('log')
    assert.equal(
      entries.map((entry) => [entry.name, entry.bytes]),
      [
        ['09', 6],
        ['10', 6],
        ['9', 5],
      ],
    )
    for (const { modifiedAt } of entries)
      assert.ok(modifiedAt >= before && modifiedAt <= Date.now() + 2000, 'modifiedAt')
    assert.equal(
      (await store.list('')).map((entry) => entry.name),
      ['top'],
    )
    assert.equal(await store.folders(''), ['log', 'logs'])
    assert.equal(await store.folders('log'), ['deep'])
  })

  fact('lists names that begin alike, or from one on, and no more than asked', async (store) => {
    for (const object of ['1', '2', '3', '4']) await store.putIfAbsent(`log/${object}.json`, Buffer.from(object))
    const names = async (options: Parameters<ObjectStore['list']>[1]): Promise<readonly string[]> =>
      (await store.list('log', options)).map((entry) => entry.name)
    assert.equal(await names({ after: '2.json' }), ['3.json', '4.json'])
    assert.equal(await names({ after: '2' }), ['2.json', '3.json', '4.json'])
    assert.equal(await names({ after: '2', limit: 2 }), ['2.json', '3.json'])
    assert.equal(await names({ after: '9' }), [])
    await store.putIfAbsent('log/10.json', Buffer.from('10'))
    assert.equal(await names({ prefix: '1' }), ['1.json', '10.json'])
    assert.equal(await names({ prefix: '1', after: '1.json' }), ['10.json'])
    assert.equal(await names({ prefix: '1.json', limit: 5 }), ['1.json'])
  })

  fact('removes what is there, and minds nothing that is not', async (store) => {
    await store.putIfAbsent('a', Buffer.from('1'))
    await store.delete('a')
    await store.delete('a')
    assert.is(await store.get('a'), undefined)
    assert.is(await store.putIfAbsent('a', Buffer.from('2')), true)
  })

  fact('takes in a file of the disk under its final name, once', async (store) => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'made')
      await writeFile(path, 'first')
      assert.is(await store.publish(path, 'table/part'), true)
      assert.is((await failureOf(readAll(store, 'made'))).code, 'E_STORAGE')
      await writeFile(path, 'second')
      assert.is(await store.publish(path, 'table/part'), false)
      assert.is(await text(store, 'table/part'), 'first')
    })
  })

  fact('has a part of it below a folder', async (store) => {
    const below = store.within('table').within('_delta_log')
    await below.putIfAbsent('1', Buffer.from('one'))
    assert.is(await text(store, 'table/_delta_log/1'), 'one')
    assert.is(below.locate('1'), store.locate('table/_delta_log/1'))
    assert.is(below.location, store.locate('table/_delta_log'))
  })

  it.run()
}

async function text(store: ObjectStore, name: string): Promise<string | undefined> {
  const bytes = await store.get(name)
  return bytes && Buffer.from(bytes).toString('utf8')
}

async function readAll(store: ObjectStore, name: string): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of store.read(name)) pieces.push(piece)
  return Buffer.concat(pieces)
}
