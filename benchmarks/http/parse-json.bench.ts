import type { Row } from '@millrace/core'
import { parseJson } from '@millrace/http'
import { answerOf } from '../support/answer.ts'
import { compare, contender } from '../support/compare.ts'
import { makeRows } from '../support/make-rows.ts'
import { microBenchmark } from '../support/micro-benchmark.ts'
import { pagesOf } from '../support/pages-of.ts'

/** Texts of pages to rows: ours, which loses no digit, against `JSON.parse`, which rounds integers beyond 2^53. */
const rows = [...makeRows(50_000)]
const answer = answerOf(rows)

function texts(rowsPerPage: number): string[] {
  return pagesOf(rows, rowsPerPage).map((data) => JSON.stringify({ data }))
}

/** The same with one integer beyond 2^53 per page, which no float holds: the slow way for the whole page. */
function textsWithLargeInteger(rowsPerPage: number): string[] {
  return texts(rowsPerPage).map((text) => text.replace('{"id"', '{"trace_id":9007199254740993,"id"'))
}

function rowsOf(parsed: readonly unknown[]): Row[] {
  return parsed.flatMap((page) => (page as { data: Row[] }).data)
}

function bytesOf(pages: readonly string[]): number {
  return pages.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}

await microBenchmark('http/parse-json', async function* (settings) {
  const shapes = [
    { title: 'JSON to rows, pages of 100', pages: texts(100) },
    { title: 'JSON to rows, pages of 1000', pages: texts(1_000) },
    { title: 'JSON to rows, pages of 1000, one integer beyond 2^53 in each', pages: textsWithLargeInteger(1_000) },
  ]
  for (const { title, pages } of shapes) {
    yield compare(
      { title, rows: rows.length, bytes: bytesOf(pages), answer },
      [
        contender({
          name: 'parseJson',
          run: () => pages.map((text): unknown => parseJson(text)),
          check: (found) => answerOf(rowsOf(found)),
        }),
        contender({
          name: 'JSON.parse',
          run: () => pages.map((text): unknown => JSON.parse(text)),
          check: (found) => answerOf(rowsOf(found)),
        }),
      ],
      settings,
    )
  }
})
