import type { RecordBatch } from 'apache-arrow'

/** A source of batches that gives no more rows than are asked for, and takes back what does not belong here. */
export class RowSource {
  readonly #iterator: AsyncIterator<RecordBatch>
  #held: RecordBatch[] = []
  #isOver = false

  constructor(source: AsyncIterable<RecordBatch>) {
    this.#iterator = source[Symbol.asyncIterator]()
  }

  /** The next batch, or its first rows. Undefined at the end. */
  async take(rows: number): Promise<RecordBatch | undefined> {
    const batch = this.#held.shift() ?? (await this.#next())
    if (!batch || batch.numRows <= rows) return batch
    this.putBack(batch.slice(rows))
    return batch.slice(0, rows)
  }

  /** What comes next, then. */
  putBack(batch: RecordBatch): void {
    this.#held.unshift(batch)
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#iterator.return?.()
  }

  async #next(): Promise<RecordBatch | undefined> {
    if (this.#isOver) return undefined
    // A source that fails is over, too.
    this.#isOver = true
    const { done, value } = await this.#iterator.next()
    if (done) return undefined
    this.#isOver = false
    return value
  }
}
