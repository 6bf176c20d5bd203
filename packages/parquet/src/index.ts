export { createWorkerEncoder, type WorkerEncoder, type WorkerEncoderOptions } from './node/create-worker-encoder.ts'
export { batchesAhead } from './node/encode-job.ts'
export { readBatchRows, readParquet } from './node/read-parquet.ts'
export { type WriteParquetOptions, writeParquet } from './node/write-parquet.ts'
export { type ParquetReport, type WriteFileOptions, writeParquetFile } from './node/write-parquet-file.ts'
export {
  defaultFileBytes,
  type FolderReport,
  type WriteFolderOptions,
  writeParquetFolder,
} from './node/write-parquet-folder.ts'
export {
  defaultDictionary,
  defaultPageBytes,
  defaultRowGroupBytes,
  defaultRowGroupRows,
  defaultStatistics,
  type EncodeOptions,
  type ParquetEncoder,
} from './parquet-encoder.ts'
export { parquetWasm } from './parquet-wasm.ts'
export { defaultLiteRowGroupRows, parquetjsLite } from './parquetjs-lite.ts'
export { type Footer, readFooter } from './read-footer.ts'
