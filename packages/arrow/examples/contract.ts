import { deepStrictEqual } from 'node:assert'
import { createConverter, type Discard, fromArrow, toSchema } from '@millrace/arrow'

const discards: Discard[] = []
const converter = createConverter({
  columns: toSchema({
    id: { dataType: 'bigint', nullable: false },
    price: { dataType: 'decimal', precision: 10, scale: 2 },
  }),
  contract: { columns: 'discardValue', dataType: 'discardRow' },
  onDiscard: (discard) => discards.push(discard),
})

const batch = converter.convert([
  { id: 1, price: '12.50' },
  { id: 2, price: 'on request' },
  { id: 3, price: 4, note: 'new' },
])

deepStrictEqual(fromArrow(batch), [
  { id: 1, price: '12.50' },
  { id: 3, price: '4.00' },
])
deepStrictEqual(discards, [
  { dropped: 'row', reason: 'type', column: 'price', row: 1, value: 'on request' },
  { dropped: 'value', reason: 'column', column: 'note', row: 2, value: 'new' },
])
