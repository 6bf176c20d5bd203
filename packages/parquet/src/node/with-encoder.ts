import type { ParquetEncoder } from '../parquet-encoder.ts'
import { createWorkerEncoder } from './create-worker-encoder.ts'

/** Runs with the encoder that was asked for, or with a worker of its own that ends when this does, in whatever way. */
export async function withEncoder<Result>(
  encoder: ParquetEncoder | undefined,
  use: (encoder: ParquetEncoder) => Promise<Result>,
): Promise<Result> {
  if (encoder) return use(encoder)
  const own = createWorkerEncoder()
  own.start()
  try {
    return await use(own)
  } finally {
    await own.close()
  }
}
