import { type Operator, type Page, type Row, wholeNumber } from '@millrace/core'
import type { RecordBatch } from 'apache-arrow'
import { type ConverterOptions, createConverter } from './converter.ts'

export interface ToArrowOptions extends ConverterOptions {
  /**
   * Rows that are gathered from small pages before they become a batch: a batch costs a tenth of a millisecond whatever is
   * in it. Default 1: every page becomes a batch as soon as it is there.
   */
  readonly leastRows?: number
}

/**
 * Turns pages of rows, or plain arrays of rows, into record batches.
 *
 * Shape:  AsyncIterable<Page | Row[]> → AsyncIterable<RecordBatch>, one batch per page, or per as many pages as come to
 *         `leastRows`; a page without rows gives none. A batch has all columns so far, so later batches may have more.
 * Order:  preserved.
 * Memory: one page, or `leastRows` and one page, and their columns; independent of the total.
 * Pulls:  lazy; the pages of one batch, nothing ahead. On early exit calls `return()` on the source.
 *
 * @throws {MillraceError} While iterating: see {@link Converter.convert}. Rows are counted within their batch.
 * @throws {RangeError} where `leastRows` is no whole number from 1.
 * @example
 * for await (const batch of toArrow()(pages)) console.log(batch.numRows) // => 100
 */
export function toArrow(options: ToArrowOptions = {}): Operator<Page | readonly Row[], RecordBatch> {
  const { leastRows = 1, ...converterOptions } = options
  wholeNumber('toArrow: leastRows', leastRows, 1)
  return async function* (source) {
    const converter = createConverter(converterOptions)
    let gathered: Row[] = []
    for await (const page of source) {
      const rows = 'position' in page ? page.rows : page
      if (gathered.length + rows.length < leastRows) {
        for (const row of rows) gathered.push(row)
        continue
      }
      const whole = gathered.length === 0 ? rows : [...gathered, ...rows]
      gathered = []
      yield converter.convert(whole)
    }
    if (gathered.length > 0) yield converter.convert(gathered)
  }
}
