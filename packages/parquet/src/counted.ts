import type { RecordBatch } from 'apache-arrow'

/** Batches, and how many rows of them have gone by. */
export class Counted implements AsyncIterable<RecordBatch> {
  rows = 0
  readonly #batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>

  constructor(batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>) {
    this.#batches = batches
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordBatch> {
    for await (const batch of this.#batches) {
      this.rows += batch.numRows
      yield batch
    }
  }
}
