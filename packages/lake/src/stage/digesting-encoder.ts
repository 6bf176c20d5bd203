import { createHash } from 'node:crypto'
import type { EncodeOptions, ParquetEncoder } from '@millrace/parquet'
import type { RecordBatch, Schema } from 'apache-arrow'

/**
 * Another encoder, of whose file it sums up the bytes as they pass by: what reading them back would find only if the disk
 * has kept them.
 *
 * For one file.
 */
export class DigestingEncoder implements ParquetEncoder {
  readonly name: string
  readonly #encoder: ParquetEncoder
  readonly #hash = createHash('sha256')

  constructor(encoder: ParquetEncoder) {
    this.name = encoder.name
    this.#encoder = encoder
  }

  async *encode(
    schema: Schema,
    batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
    options?: EncodeOptions,
  ): AsyncGenerator<Uint8Array, undefined> {
    for await (const piece of this.#encoder.encode(schema, batches, options)) {
      this.#hash.update(piece)
      yield piece
    }
  }

  /** SHA-256 of the whole file, in hexadecimal. Only once it is written. */
  digest(): string {
    return this.#hash.digest('hex')
  }
}
