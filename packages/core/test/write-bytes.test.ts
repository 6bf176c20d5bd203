import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { WritableStream } from 'node:stream/web'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createFile, writeBytes } from '@millrace/core/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { canMount, withSmallDisk } from '../../../test/support/small-disk.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { settle } from '../../../test/support/turns.ts'

/** Pieces of text that remember how far they were read and whether they were closed. */
class Pieces implements AsyncIterable<Uint8Array> {
  pulled = 0
  returned = 0
  readonly #texts: readonly string[]
  readonly #failure: Error | undefined

  constructor(texts: readonly string[], failure?: Error) {
    this.#texts = texts
    this.#failure = failure
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (const text of this.#texts) {
        this.pulled += 1
        yield Buffer.from(text)
      }
      if (this.#failure) throw this.#failure
    } finally {
      this.returned += 1
    }
  }
}

const endless = (text: string): Pieces => new Pieces(Array.from({ length: 10_000 }, () => text))

const file = suite('writeBytes, to a path')

file('writes all pieces, and tells how many bytes', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'a')
    await writeFile(path, 'old and longer')
    assert.is(await writeBytes(path)(new Pieces(['on', 'e', '', 'two'])), 6)
    assert.is(await readFile(path, 'utf8'), 'onetwo')
    assert.equal(await readdir(folder), ['a'])
  })
})

file('shows readers the old file until the new one is whole', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'a')
    await writeFile(path, 'old')
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('new')
      yield Buffer.from('er')
      assert.is(await readFile(path, 'utf8'), 'old')
      assert.match((await readdir(folder)).join(), /^a,a\.tmp-[-0-9a-f]{36}$/)
    }
    await writeBytes(path)(pieces())
    assert.is(await readFile(path, 'utf8'), 'newer')
  })
})

file('leaves the old file and nothing else where the source fails, and passes its error on', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'a')
    await writeFile(path, 'old')
    for (const texts of [[], ['one', 'two']]) {
      const boom = new Error('boom')
      const pieces = new Pieces(texts, boom)
      assert.is(await rejection(writeBytes(path)(pieces)), boom)
      assert.is(pieces.returned, 1)
      assert.equal(await readdir(folder), ['a'])
      assert.is(await readFile(path, 'utf8'), 'old')
    }
  })
})

file('says which path it cannot write, why, and what to do', async () => {
  await withTempFolder(async (folder) => {
    await writeFile(join(folder, 'file'), '')
    await mkdir(join(folder, 'folder', 'inner'), { recursive: true })
    const cases = {
      'missing/a': /make it first/,
      'file/a': /a part of the path is a file/,
      folder: /there is a folder of that name/,
    }
    for (const [name, remedy] of Object.entries(cases)) {
      const path = join(folder, name)
      const pieces = new Pieces(['one'])
      const failure = await failureOf(writeBytes(path)(pieces))
      assert.is(failure.code, 'E_WRITE_FILE')
      assert.equal(failure.context, { path })
      assert.ok(failure.message.startsWith(`cannot write ${path}: `), failure.message)
      assert.match(failure.message, remedy)
    }
    assert.equal(await readdir(folder), ['file', 'folder'])
  })
})

file('says that the disk is full, leaves nothing on it, and closes the source', async () => {
  if (!canMount) return
  await withSmallDisk(1_048_576, async (folder) => {
    const path = join(folder, 'a')
    await writeFile(path, 'old')
    const pieces = endless('x'.repeat(100_000))
    const failure = await failureOf(writeBytes(path)(pieces))
    assert.is(failure.code, 'E_WRITE_FILE')
    assert.match(failure.message, /^cannot write .*: ENOSPC.*; the disk is full: free space and write again$/)
    assert.is(pieces.returned, 1)
    assert.ok(pieces.pulled < 15, `pulled ${pieces.pulled} pieces of 100 kB`)
    assert.equal(await readdir(folder), ['a'])
    assert.is(await readFile(path, 'utf8'), 'old')
  })
})

file('pulls nothing before it is asked to', () => {
  const pieces = new Pieces(['one'])
  writeBytes('a')
  assert.is(pieces.pulled, 0)
})

file.run()

const fresh = suite('createFile')

fresh('never touches a file that exists', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'a')
    await writeFile(path, 'old')
    const failure = await failureOf(createFile(path)(new Pieces(['new'])))
    assert.is(failure.code, 'E_FILE_EXISTS')
    assert.equal(failure.context, { path })
    assert.is(await readFile(path, 'utf8'), 'old')
  })
})

fresh('writes under the final name, and removes what it began where the source fails', async () => {
  await withTempFolder(async (folder) => {
    const path = join(folder, 'a')
    const boom = new Error('boom')
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one')
      assert.equal(await readdir(folder), ['a'])
      throw boom
    }
    assert.is(await rejection(createFile(path)(pieces())), boom)
    assert.equal(await readdir(folder), [])
    assert.is(await createFile(path)(new Pieces(['one'])), 3)
  })
})

fresh.run()

const stream = suite('writeBytes, to a stream of Node')

stream('ends it when all is written', async () => {
  const target = new PassThrough()
  const read = target.toArray()
  assert.is(await writeBytes(target)(new Pieces(['on', 'e'])), 3)
  assert.is(Buffer.concat(await read).toString(), 'one')
  assert.is(target.writableFinished, true)
})

stream('pulls no faster than the stream takes the pieces', async () => {
  let release = (): void => {}
  const target = new Writable({
    highWaterMark: 1,
    write: (_bytes, _encoding, done) => {
      release = done
    },
  })
  const pieces = new Pieces(['one', 'two', 'three'])
  const written = writeBytes(target)(pieces)
  for (const pulled of [1, 2, 3]) {
    await settle()
    assert.is(pieces.pulled, pulled)
    release()
  }
  assert.is(await written, 11)
})

stream('fails with the error of the stream, whenever it comes, and closes the source', async () => {
  for (const failAt of [1, 3]) {
    const broken = new Error('broken pipe')
    let writes = 0
    const target = new Writable({ write: (_bytes, _encoding, done) => done(++writes === failAt ? broken : null) })
    const pieces = endless('one')
    const failure = await failureOf(writeBytes(target)(pieces))
    assert.is(failure.code, 'E_WRITE_STREAM')
    assert.is(failure.cause, broken)
    assert.equal(failure.context, { bytes: 3 * (failAt - 1) })
    assert.match(failure.message, 'broken pipe')
    assert.is(pieces.returned, 1)
  }
  const late = new Writable({ write: (_b, _e, done) => done(), final: (done) => done(new Error('cannot flush')) })
  assert.match((await failureOf(writeBytes(late)(new Pieces(['one'])))).message, 'cannot flush')
})

stream('does not wait for a stream that was destroyed and never answers', async () => {
  for (const reason of [undefined, new Error('gone')]) {
    const target = new Writable({ write: () => {} })
    const pieces = endless('one')
    const written = failureOf(writeBytes(target)(pieces))
    await settle()
    target.destroy(reason)
    assert.is((await written).code, 'E_WRITE_STREAM')
    assert.is(pieces.returned, 1)
  }
})

stream('fails where the stream is over before it begins', async () => {
  const ended = new PassThrough()
  ended.end()
  ended.resume()
  await once(ended, 'close')
  const destroyed = new PassThrough()
  destroyed.destroy()
  for (const target of [ended, destroyed]) {
    assert.is((await failureOf(writeBytes(target)(new Pieces(['one'])))).code, 'E_WRITE_STREAM')
  }
})

stream('destroys it where the source fails, and ends no process where nobody listens', async () => {
  const boom = new Error('boom')
  const target = new PassThrough()
  assert.is(await rejection(writeBytes(target)(new Pieces(['one'], boom))), boom)
  await settle()
  assert.is(target.destroyed, true)
  assert.is(target.errored, boom)
  assert.is(target.writableFinished, false)
})

async function served(
  answer: (response: ServerResponse) => Promise<void>,
  use: (response: IncomingMessage) => Promise<void>,
): Promise<void> {
  let answered: Promise<void> | undefined
  const server = createServer((_, response) => {
    answered = answer(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    await use(response)
    await answered
  } finally {
    server.close()
  }
}

stream('answers an HTTP request with the whole, or visibly cut off', async () => {
  await served(
    async (response) => {
      assert.is(await writeBytes(response)(new Pieces(['on', 'e'])), 3)
    },
    async (response) => assert.is(Buffer.concat(await response.toArray()).toString(), 'one'),
  )
  await served(
    async (response) => {
      await rejection(writeBytes(response)(new Pieces(['one'], new Error('boom'))))
    },
    async (response) => {
      assert.is(((await rejection(response.toArray())) as { code?: string }).code, 'ECONNRESET')
    },
  )
})

stream('stops when the one who asked over HTTP has gone', async () => {
  const pieces = endless('x'.repeat(100_000))
  await served(
    async (response) => assert.is((await failureOf(writeBytes(response)(pieces))).code, 'E_WRITE_STREAM'),
    async (response) => void response.destroy(),
  )
  assert.is(pieces.returned, 1)
})

stream('leaves standard output open', async () => {
  const script = fileURLToPath(new URL('./write-to-stdout.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script])
  assert.is(stdout, 'one, 5 bytes, failed: boom')
})

stream.run()

const web = suite('writeBytes, to a stream of the web')

web('closes it when all is written, and pulls no faster than it takes the pieces', async () => {
  const seen: string[] = []
  let release = (): void => {}
  const target = new WritableStream<Uint8Array>({
    write: (bytes) =>
      new Promise<void>((resolve) => {
        release = resolve
        seen.push(Buffer.from(bytes).toString())
      }),
    close: () => void seen.push('closed'),
  })
  const pieces = new Pieces(['one', 'two'])
  const written = writeBytes(target)(pieces)
  for (const pulled of [1, 2]) {
    await settle()
    assert.is(pieces.pulled, pulled)
    release()
  }
  assert.is(await written, 6)
  assert.equal(seen, ['one', 'two', 'closed'])
  assert.is(target.locked, false)
})

web('fails with its error, and aborts it where the source fails', async () => {
  const broken = new Error('broken')
  const target = new WritableStream<Uint8Array>({ write: () => Promise.reject(broken) })
  const pieces = endless('one')
  const failure = await failureOf(writeBytes(target)(pieces))
  assert.is(failure.code, 'E_WRITE_STREAM')
  assert.is(failure.cause, broken)
  assert.is(pieces.returned, 1)

  const boom = new Error('boom')
  let aborted: unknown
  const other = new WritableStream<Uint8Array>({
    abort: (reason) => {
      aborted = reason
    },
  })
  assert.is(await rejection(writeBytes(other)(new Pieces(['one'], boom))), boom)
  assert.is(aborted, boom)
})

web('fails where somebody else writes to it', async () => {
  const target = new WritableStream<Uint8Array>()
  target.getWriter()
  assert.is((await failureOf(writeBytes(target)(new Pieces(['one'])))).code, 'E_WRITE_STREAM')
})

web.run()
