import { columnBytes, createConverter, emptyBatch, encodeIpc } from '@millrace/arrow'
import type { Schema } from 'apache-arrow'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const it = suite('columnBytes')

it('are the same for the same columns, whatever the rows, and others for others', () => {
  const converter = createConverter()
  const pages = [
    [{ id: 1n, name: 'ü', tags: ['x'] }],
    [{ id: 2n, name: null, tags: null }, { id: 3n }],
    [{ name: 'a longer text than before' }],
  ]
  const [first, ...others] = pages.map((rows) => encodeIpc(converter.convert(rows)))
  const columns = Buffer.from(columnBytes(first ?? new Uint8Array()))
  assert.ok(columns.length > 0 && columns.length < (first?.length ?? 0))
  for (const ipc of others) assert.equal(Buffer.from(columnBytes(ipc)), columns)
  assert.equal(bytesOf(converter.schema), columns)
  for (const row of [{ late: 'x' }, { id: 'text' }]) {
    const { schema } = createConverter({ schema: converter.schema }).convert([row])
    assert.not.equal(bytesOf(schema), columns)
  }
})

it('are all there is where that is no stream', () => {
  assert.equal(columnBytes(new Uint8Array(3)), new Uint8Array(3))
})

it.run()

function bytesOf(schema: Schema): Buffer {
  return Buffer.from(columnBytes(encodeIpc(emptyBatch(schema))))
}
