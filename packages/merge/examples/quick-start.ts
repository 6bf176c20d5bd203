import { createConverter, fromArrow } from '@millrace/arrow'
import { pipe, type Row } from '@millrace/core'
import { mergeByKey } from '@millrace/merge'

async function* batches() {
  const converter = createConverter()
  yield converter.convert([
    { id: 1, name: 'Ada' },
    { id: 2, name: 'Grace' },
  ])
  yield converter.convert([{ id: 1, name: 'Ada Lovelace' }])
}

const rows: Row[] = []
for await (const batch of pipe(batches(), mergeByKey('id'))) rows.push(...fromArrow(batch))

console.log(rows) // => [{ id: 2, name: 'Grace' }, { id: 1, name: 'Ada Lovelace' }]
if (rows.length !== 2 || rows[1]?.['name'] !== 'Ada Lovelace') throw new Error('not the last row of each key')
