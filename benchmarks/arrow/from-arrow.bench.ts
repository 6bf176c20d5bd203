import { createConverter, fromArrow } from '@millrace/arrow'
import type { RecordBatch } from 'apache-arrow'
import { answerOf } from '../support/answer.ts'
import { compare, contender } from '../support/compare.ts'
import { makeRows } from '../support/make-rows.ts'
import { microBenchmark } from '../support/micro-benchmark.ts'

/** A record batch back to rows: ours against apache-arrow's row proxies, made plain objects. */
const rows = [...makeRows(50_000)]
const batch: RecordBatch = createConverter().convert(rows)

await microBenchmark('arrow/from-arrow', async function* (settings) {
  const notes = ['toJSON gives bigint for whole numbers and milliseconds for times.']
  yield compare(
    { title: 'Record batch to rows', rows: rows.length, answer: answerOf(rows), notes },
    [
      contender({ name: 'fromArrow', run: () => fromArrow(batch), check: answerOf }),
      contender({
        name: 'toArray and toJSON of apache-arrow',
        run: () => batch.toArray().map((row) => row?.toJSON() ?? {}),
        check: (found) =>
          answerOf(
            found.map((row) => ({
              ...row,
              created_at: new Date(row['created_at']).toISOString(),
              updated_at: new Date(row['updated_at']).toISOString(),
            })),
          ),
      }),
    ],
    settings,
  )
})
