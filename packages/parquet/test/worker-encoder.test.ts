import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Worker } from 'node:worker_threads'
import { createConverter, fromArrow } from '@millrace/arrow'
import { isMillraceError } from '@millrace/core'
import { batchesAhead, createWorkerEncoder, type ParquetEncoder, readParquet, writeParquet } from '@millrace/parquet'
import type { RecordBatch } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../../../test/support/failure-of.ts'
import { processUsage } from '../../../test/support/process-usage.ts'
import { root } from '../../../test/support/source-tree.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'

const batch = createConverter().convert(
  Array.from({ length: 1000 }, (_, id) => ({ id, text: `${id * 7919} `.repeat(9) })),
)

async function encode(
  encoder: ParquetEncoder,
  batches: AsyncIterable<RecordBatch> | readonly RecordBatch[],
): Promise<number> {
  let bytes = 0
  for await (const piece of encoder.encode(batch.schema, batches, { rowGroupRows: 1000 })) bytes += piece.length
  return bytes
}

/** The next worker that this process starts. */
function nextWorker(): Promise<Worker> {
  return new Promise((resolve) => process.once('worker', resolve))
}

const it = suite('createWorkerEncoder')

it('starts its thread with the first file, and one for all', async () => {
  const before = await processUsage()
  let started = 0
  const count = (): void => {
    started += 1
  }
  process.on('worker', count)
  const encoder = createWorkerEncoder()
  assert.is((await processUsage()).threads, before.threads)
  for (let file = 0; file < 3; file++) await encode(encoder, [batch])
  process.off('worker', count)
  assert.is(started, 1)
  await encoder.close()
  assert.is((await processUsage()).threads, before.threads)
})

it('leaves the batches to the one who made them', async () => {
  const encoder = createWorkerEncoder()
  const rows = fromArrow(batch)
  await encode(encoder, [batch, batch])
  assert.equal(fromArrow(batch), rows)
  await encoder.close()
})

it('reads on while pieces are waited for, and never further than it says', async () => {
  const encoder = createWorkerEncoder()
  let pulled = 0
  let isEnding = false
  let release = (): void => {}
  const enough = new Promise<void>((resolve) => {
    release = resolve
  })
  async function* source(): AsyncGenerator<RecordBatch> {
    while (!isEnding) {
      pulled += 1
      if (pulled === batchesAhead + 2) release()
      yield batch
    }
  }
  let pieces = 0
  for await (const _ of encoder.encode(batch.schema, source(), { rowGroupRows: 1000 })) {
    pieces += 1
    // Nobody asks for a piece, and the batches are read all the same: as many as the worker holds, and no more.
    if (pieces === 1) await enough
    await processUsage()
    // Batches that wait, and those of the pieces that are made, held back and on their way out of WebAssembly.
    assert.ok(pulled <= pieces + 6 + batchesAhead, `${pulled} batches for ${pieces} pieces`)
    if (pieces === 20) isEnding = true
  }
  assert.ok(pieces >= 20)
  await encoder.close()
})

it('hands errors of the encoder across with all they say', async () => {
  const encoder = createWorkerEncoder()
  const odd = createConverter().convert([{ id: 1 }, { id: 2 }])
  // A batch that loses a row between being counted and being encoded: the encoding asks first.
  const answers = [2, 3]
  Object.defineProperty(odd, 'numRows', { get: () => answers.shift() })
  const failure = await failureOf(
    (async () => {
      for await (const _ of encoder.encode(odd.schema, [odd]));
    })(),
  )
  assert.ok(isMillraceError(failure) && failure instanceof Error)
  assert.is(failure.code, 'E_PARQUET')
  assert.is(failure.retryable, false)
  assert.equal(failure.context, {})
  assert.match(failure.message, '2 of 3 rows')
  await encoder.close()
})

it('fails the files under way when its thread dies, and starts another for the next', async () => {
  const encoder = createWorkerEncoder()
  const worker = nextWorker()
  let returned = 0
  async function* endless(): AsyncGenerator<RecordBatch> {
    try {
      for (;;) yield batch
    } finally {
      returned += 1
    }
  }
  const failures = [endless(), endless()].map((source) => failureOf(encode(encoder, source)))
  await (await worker).terminate()
  for (const failure of await Promise.all(failures)) {
    assert.is(failure.code, 'E_PARQUET')
    assert.match(failure.message, /thread .* ended before its files were whole: exit code [01]/)
  }
  assert.is(returned, 2)
  assert.ok((await encode(encoder, [batch])) > 1000)
  await encoder.close()
})

it('takes no file once it is closed, and fails those under way', async () => {
  const encoder = createWorkerEncoder()
  async function* source(): AsyncGenerator<RecordBatch> {
    yield batch
    yield batch
    void encoder.close()
    for (;;) yield batch
  }
  assert.is((await failureOf(encode(encoder, source()))).code, 'E_ENCODER_CLOSED')
  assert.is((await failureOf(encode(encoder, [batch]))).code, 'E_ENCODER_CLOSED')
  await encoder.close()
  const unused = createWorkerEncoder()
  await unused.close()
  assert.is((await failureOf(encode(unused, [batch]))).code, 'E_ENCODER_CLOSED')
})

it('does not keep a process alive that has nothing else to do', async () => {
  const script = fileURLToPath(new URL('./encode-one-file.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000 })
  assert.is(stdout, 'encoded\n')
})

it('starts in a process with flags that a thread does not take', async () => {
  const script = pathToFileURL(fileURLToPath(new URL('./encode-one-file.js', import.meta.url))).href
  const args = ['--input-type=module', '--eval', `await import(${JSON.stringify(script)})`]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000, cwd: root })
  assert.is(stdout, 'encoded\n')
})

it('loads no apache-arrow where WebAssembly encodes: it takes longer to load than all else in the thread', async () => {
  const dist = pathToFileURL(join(root, 'packages/parquet/dist/node/encoder-worker.js'))
  const queue = [dist, new URL('../wasm-pieces.js', dist)]
  const loaded = new Set<string>()
  for (let file = queue.pop(); file; file = queue.pop()) {
    for (const [, specifier = ''] of (await readFile(file, 'utf8')).matchAll(/^import .*?'(.+?)'/gm)) {
      if (loaded.has(specifier)) continue
      loaded.add(specifier)
      if (specifier.startsWith('.')) queue.push(new URL(specifier, file))
    }
  }
  assert.ok(loaded.has('@millrace/core') && loaded.has('./read-footer.js'), [...loaded].join())
  assert.equal(
    [...loaded].filter((each) => each.includes('arrow')),
    [],
  )
})

it('is what writeParquet encodes with, unless told otherwise', async () => {
  await withTempFolder(async (folder) => {
    const worker = nextWorker()
    await writeParquet(`${folder}/a.parquet`)(
      (async function* () {
        yield batch
      })(),
    )
    await worker
    let rows = 0
    for await (const read of readParquet(`${folder}/a.parquet`)) rows += read.numRows
    assert.is(rows, 1000)
  })
})

it.run()
