import { createConverter } from '@millrace/arrow'
import { vectorFromArray } from 'apache-arrow'
import { compare } from '../support/compare.ts'
import { makeRows } from '../support/rows.ts'

/** Rows of objects to Arrow columns: ours against apache-arrow's own builders. */
const rows = makeRows(50_000)
const names = Object.keys(rows[0] ?? {})

await compare('rows to Arrow columns', rows.length, rows.length * names.length, [
  {
    name: 'createConverter (types, timestamps)',
    run: () => {
      const batch = createConverter().convert(rows)
      return batch.numRows * batch.numCols
    },
  },
  {
    name: 'vectorFromArray of apache-arrow',
    run: () => names.reduce((cells, name) => cells + vectorFromArray(rows.map((row) => row[name])).length, 0),
  },
])
