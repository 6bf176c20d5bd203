import { createConverter } from '@millrace/arrow'
import { type RecordBatch, type Vector, vectorFromArray } from 'apache-arrow'
import { answerOf } from '../support/answer.ts'
import { answerOfColumns, type Columns } from '../support/answer-of-columns.ts'
import { compare, contender } from '../support/compare.ts'
import { makeRows } from '../support/make-rows.ts'
import { microBenchmark } from '../support/micro-benchmark.ts'
import { pagesOf } from '../support/pages-of.ts'
import { plainLoops } from './plain-loops.ts'

/** Pages of rows to Arrow columns: ours, apache-arrow's own builders, and the ceiling. */
const rows = [...makeRows(50_000)]
const names = Object.keys(rows[0] ?? {})
const answer = answerOf(rows)

function columnsOf(batch: RecordBatch): Columns {
  return new Map(batch.schema.names.map((name) => [String(name), batch.getChild(name) as Vector]))
}

await microBenchmark('arrow/build-columns', async function* (settings) {
  for (const rowsPerPage of [100, 1_000]) {
    const pages = pagesOf(rows, rowsPerPage)
    const notes = [
      'vectorFromArray makes floats of whole numbers and leaves times as text; the loops know the fields beforehand and check nothing.',
    ]
    yield compare(
      { title: `Rows to Arrow columns, pages of ${rowsPerPage}`, rows: rows.length, answer, notes },
      [
        contender({
          name: 'createConverter (finds types, checks all)',
          run: () => {
            const converter = createConverter()
            return pages.map((page) => converter.convert(page))
          },
          check: (batches) => answerOfColumns(batches.map(columnsOf)),
        }),
        contender({
          name: 'vectorFromArray of apache-arrow',
          run: () =>
            pages.map(
              (page) => new Map(names.map((name) => [name, vectorFromArray(page.map((row) => row[name])) as Vector])),
            ),
          check: answerOfColumns,
        }),
        contender({
          name: 'plain loops over typed arrays',
          run: () => pages.map(plainLoops),
          check: answerOfColumns,
        }),
      ],
      settings,
    )
  }
})
