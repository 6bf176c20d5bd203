import { createConverter } from '@millrace/arrow'
import { batchesAhead, createWorkerEncoder, parquetjsLite, parquetWasm } from '@millrace/parquet'
import { Field, List, Schema, Struct } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { testEncoder } from '../../../test/support/test-encoder.ts'

const wasm = { compressions: ['zstd', 'snappy', 'gzip', 'none'], nested: true, refuses: [], without: [] } as const
const lite = {
  compressions: ['snappy', 'gzip', 'none'],
  nested: false,
  refuses: ['decimal9', 'decimal18', 'decimal38', 'local', 'prices', 'nested'],
  without: ['rowGroupBytes', 'pageBytes', 'dictionary', 'statistics'],
} as const

testEncoder(parquetWasm(), wasm)
testEncoder(parquetjsLite(), lite)
testEncoder(createWorkerEncoder(), { ...wasm, ahead: batchesAhead })
testEncoder(createWorkerEncoder({ encoder: 'parquetjs-lite' }), { ...lite, ahead: batchesAhead })

const it = suite('encoders, each by itself')

it('parquetWasm refuses a struct without fields, which Parquet cannot carry', async () => {
  const schema = new Schema([new Field('a', new List(new Field('element', new Struct([]), true)), true)])
  try {
    for await (const _ of parquetWasm().encode(schema, []));
    assert.unreachable()
  } catch (thrown) {
    assert.is((thrown as { code: string }).code, 'E_UNSUPPORTED_TYPE')
  }
})

it('parquetWasm counts the rows, since its library can end a file early without an error', async () => {
  const batch = createConverter().convert([{ id: 1 }, { id: 2 }])
  // A batch that loses a row between being counted and being encoded: the encoding asks first.
  const answers = [2, 3]
  Object.defineProperty(batch, 'numRows', { get: () => answers.shift() })
  try {
    for await (const _ of parquetWasm().encode(batch.schema, [batch]));
    assert.unreachable()
  } catch (thrown) {
    assert.is((thrown as { code: string }).code, 'E_PARQUET')
    assert.match((thrown as Error).message, '2 of 3 rows')
  }
})

it('parquetWasm cuts row groups by size where rows are wide', async () => {
  const converter = createConverter()
  const noise = Array.from({ length: 1500 }, (_, i) => ({ id: i, text: hex(i) }))
  const batch = converter.convert(noise)
  const pieces: number[] = []
  for await (const piece of parquetWasm().encode(
    converter.schema,
    Array.from({ length: 6 }, () => batch),
    { compression: 'none' },
  )) {
    pieces.push(piece.length)
  }
  assert.ok(pieces.length > 1, `${pieces.length} pieces for 9000 rows of 16 kB`)
  assert.ok(Math.max(...pieces) < 80_000_000, `a piece of ${Math.max(...pieces)} bytes`)
})

/** 16 kB of text that no dictionary shortens. */
function hex(seed: number): string {
  return `${seed} `.repeat(1000).padEnd(16_000, String(seed)).slice(0, 16_000)
}

it('parquetjsLite refuses the one name it cannot write', async () => {
  const batch = createConverter().convert([JSON.parse('{"__proto__":1}')])
  try {
    for await (const _ of parquetjsLite().encode(batch.schema, [batch]));
    assert.unreachable()
  } catch (thrown) {
    assert.is((thrown as { code: string }).code, 'E_UNSUPPORTED_TYPE')
    assert.match((thrown as Error).message, '"__proto__"')
  }
})

it.run()
