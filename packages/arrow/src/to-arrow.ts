import type { Operator, Page, Row } from '@millrace/core'
import type { RecordBatch } from 'apache-arrow'
import { type ConverterOptions, createConverter } from './converter.ts'

/**
 * Turns pages of rows, or plain arrays of rows, into record batches.
 *
 * Shape:  AsyncIterable<Page | Row[]> → AsyncIterable<RecordBatch>, one batch per page; a page without rows gives none.
 *         A batch has all columns so far, so later batches may have more.
 * Order:  preserved.
 * Memory: one page and its columns; independent of the total.
 * Pulls:  lazy; one page per batch, nothing ahead. On early exit calls `return()` on the source.
 *
 * @throws {MillraceError} While iterating: see {@link Converter.convert}.
 * @example
 * for await (const batch of toArrow()(pages)) console.log(batch.numRows) // => 100
 */
export function toArrow(options: ConverterOptions = {}): Operator<Page | readonly Row[], RecordBatch> {
  return async function* (source) {
    const converter = createConverter(options)
    for await (const page of source) {
      const rows = 'position' in page ? page.rows : page
      if (rows.length > 0) yield converter.convert(rows)
    }
  }
}
