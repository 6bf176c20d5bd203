import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createConverter } from '@millrace/arrow'
import { pipe, prefetch } from '@millrace/core'
import { createWorkerEncoder, type ParquetEncoder, writeParquet } from '@millrace/parquet'
import type { RecordBatch } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { processUsage } from '../../../test/support/process-usage.ts'
import { rejection } from '../../../test/support/rejection.ts'
import { canMount, withSmallDisk } from '../../../test/support/small-disk.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

/** Rounds of each way to leave, through one worker. Each holds some 150 kB, so that 1,000 that stay would be seen. */
const rounds = 1_000

/** Rounds with a worker each, which takes about a tenth of a second to start. */
const workerRounds = 20

/** More than the memory of a process wanders by itself, and less than half of what the rounds hold in all. */
const tolerance = 48 * 2 ** 20

const converter = createConverter()
const batch = converter.convert(Array.from({ length: 400 }, (_, id) => ({ id, text: `${id * 7919} `.repeat(12) })))

interface Exit {
  readonly name: string
  /** Leaves in the midst of writing, and checks that it was left the way it was to be. */
  readonly leave: (path: string, encoder?: ParquetEncoder) => Promise<void>
}

/** Batches without end that tell of their closing. */
class Source implements AsyncIterable<RecordBatch> {
  returned = 0
  async *[Symbol.asyncIterator](): AsyncGenerator<RecordBatch> {
    try {
      for (;;) yield batch
    } finally {
      this.returned += 1
    }
  }
}

const options = { rowGroupRows: 400 }

function withEncoder(encoder: ParquetEncoder | undefined): { encoder?: ParquetEncoder; rowGroupRows: number } {
  return encoder ? { ...options, encoder } : options
}

const exits: readonly Exit[] = [
  {
    name: 'a throw in a step before the sink',
    leave: async (path, encoder) => {
      const source = new Source()
      const boom = new Error('boom')
      async function* step(batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
        let count = 0
        for await (const each of batches) {
          if (++count === 4) throw boom
          yield each
        }
      }
      assert.is(await rejection(pipe(source, step, writeParquet(path, withEncoder(encoder)))), boom)
      assert.is(source.returned, 1)
    },
  },
  {
    name: 'an abort',
    leave: async (path, encoder) => {
      const source = new Source()
      const controller = new AbortController()
      const reason = new Error('enough')
      async function* step(batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
        let count = 0
        for await (const each of batches) {
          if (++count === 4) controller.abort(reason)
          yield each
        }
      }
      const write = writeParquet(path, withEncoder(encoder))
      assert.is(await rejection(pipe(source, step, prefetch(1, { signal: controller.signal }), write)), reason)
      assert.is(source.returned, 1)
    },
  },
  {
    name: 'a break in the midst of the pieces',
    leave: async (_, encoder) => {
      const source = new Source()
      const own = createWorkerEncoder()
      let pieces = 0
      for await (const _ of (encoder ?? own).encode(batch.schema, source, options)) if (++pieces === 2) break
      await own.close()
      assert.is(source.returned, 1)
    },
  },
]

const it = suite('early exits')

for (const { name, leave } of exits) {
  it(`${name}: nothing is left of ${rounds} rounds`, async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      await writeFile(path, 'old')
      // The first worker of a process opens its standard output, too.
      await leave(path)
      const encoder = createWorkerEncoder()
      const before = await processUsage()
      for (let round = 0; round < rounds / 4; round++) await leave(path, encoder)
      const early = await processUsage()
      for (let round = 0; round < (rounds * 3) / 4; round++) await leave(path, encoder)
      const late = await processUsage()
      assert.is(late.threads, early.threads)
      assert.equal(late.handles, early.handles)
      assert.equal(late.resources, before.resources)
      const grown = late.residentBytes - early.residentBytes
      assert.ok(grown < tolerance, `${grown} bytes more after ${(rounds * 3) / 4} rounds`)
      assert.equal(await readdir(folder), ['a.parquet'])
      assert.is(await readFile(path, 'utf8'), 'old')

      await encoder.close()
      const after = await processUsage()
      assert.is(after.threads, before.threads)
      assert.equal(after.handles, before.handles)
    })
  })

  it(`${name}: no worker is left of ${workerRounds} rounds with a worker each`, async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      await leave(path)
      const before = await processUsage()
      await leave(path)
      const early = await processUsage()
      for (let round = 2; round < workerRounds; round++) await leave(path)
      const late = await processUsage()
      for (const usage of [early, late]) {
        assert.is(usage.threads, before.threads)
        assert.equal(usage.handles, before.handles)
        assert.equal(usage.resources, before.resources)
      }
      const grown = late.residentBytes - early.residentBytes
      assert.ok(grown < tolerance, `${grown} bytes more after ${workerRounds - 2} rounds`)
      assert.equal(await readdir(folder), [])
    })
  })
}

it('a disk that gets full in the midst of a write: told, and nothing left', async () => {
  if (!canMount) return
  await withSmallDisk(2_097_152, async (folder) => {
    const path = join(folder, 'a.parquet')
    const before = await processUsage()
    for (const encoder of [undefined, createWorkerEncoder()]) {
      const source = new Source()
      const target = { ...withEncoder(encoder), compression: 'none' } as const
      const failure = await failureOf(pipe(source, writeParquet(path, target)))
      assert.is(failure.code, 'E_WRITE_FILE')
      assert.match(failure.message, 'the disk is full')
      assert.match(failure.message, path)
      assert.is(source.returned, 1)
      assert.equal(await readdir(folder), [])
      if (encoder) await (encoder as { close(): Promise<void> }).close()
    }
    const after = await processUsage()
    assert.is(after.threads, before.threads)
    assert.equal(after.handles, before.handles)
    assert.equal(after.resources, before.resources)
  })
})

it.run()
