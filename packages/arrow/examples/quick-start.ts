import { deepStrictEqual } from 'node:assert'
import { createConverter, fromArrow } from '@millrace/arrow'

const converter = createConverter({ onColumn: (field) => console.log(`new column ${field.name}: ${field.type}`) })

// The first page decides the types: int64, timestamp, struct.
converter.convert([
  { id: 1, seen: '2024-05-01T02:00:00+02:00', user: { name: 'Zoë' } },
  { id: 9007199254740993n, seen: null, user: null },
])

// A later page may differ: what does not fit goes to a column beside, and nothing is lost.
const batch = converter.convert([{ id: 'n/a', seen: '2024-05-02T00:00:00Z', user: { name: 'Al' } }])

const [row] = fromArrow(batch)
console.log(row)
deepStrictEqual(row, {
  id: null,
  seen: '2024-05-02T00:00:00.000Z',
  user: { name: 'Al' },
  id__v_utf8: 'n/a',
})
