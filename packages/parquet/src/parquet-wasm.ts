import { MillraceError } from '@millrace/core'
import { DataType, type RecordBatch, type Schema } from 'apache-arrow'
import { checkOptions } from './check-options.ts'
import { toIpcBatches } from './ipc-batch.ts'
import type { EncodeOptions, ParquetEncoder } from './parquet-encoder.ts'
import { requireColumns } from './require-columns.ts'
import { wasmPieces } from './wasm-pieces.ts'

/**
 * The columnar encoder, in WebAssembly, in the calling thread: all types, zstd.
 *
 * Memory: one row group of encoded columns and about three batches. WebAssembly memory grows to the largest row group
 * written so far and is not given back before the process ends; that of `createWorkerEncoder` ends with its worker.
 */
export function parquetWasm(): ParquetEncoder {
  return Object.freeze({ name: 'parquet-wasm', encode })
}

async function* encode(
  schema: Schema,
  batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
  options: EncodeOptions = {},
): AsyncGenerator<Uint8Array, undefined> {
  checkForWasm(schema, options)
  yield* wasmPieces(toIpcBatches(schema, batches), options)
}

/** Refuses what this encoder cannot write, before anything is read. */
export function checkForWasm(schema: Schema, options: EncodeOptions): void {
  checkOptions(options)
  requireColumns(schema)
  for (const field of schema.fields) refuseEmptyStructs(field.name, field.type)
}

function refuseEmptyStructs(column: string, type: DataType): void {
  if (DataType.isStruct(type) && type.children.length === 0) {
    throw new MillraceError(
      'E_UNSUPPORTED_TYPE',
      `column "${column}" holds a struct without fields, which Parquet cannot`,
      {
        context: { column },
      },
    )
  }
  for (const child of type.children ?? []) refuseEmptyStructs(column, child.type)
}
