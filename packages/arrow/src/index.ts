export {
  type ColumnDataType,
  type ColumnHint,
  columnDataTypes,
  toSchema,
} from './column-hints.ts'
export { conformBatch } from './conform-batch.ts'
export { readContract, type SchemaContract, type SchemaMode, type SchemaModes } from './contract.ts'
export { type Converter, type ConverterOptions, createConverter } from './converter.ts'
export type { Discard } from './discard.ts'
export { emptyBatch } from './empty-batch.ts'
export { fromArrow } from './from-arrow.ts'
export { fromJsonSchema, type JsonSchema } from './from-json-schema.ts'
export { fromStandardSchema } from './from-standard-schema.ts'
export { growSchema } from './grow-schema.ts'
export { columnBytes, decodeIpc, encodeIpc } from './ipc.ts'
export { isArrowSchema } from './is-arrow-schema.ts'
export { isJsonField } from './json-field.ts'
export { type Names, namingOf } from './naming-of.ts'
export { type ArrowSource, readArrow } from './node/read-arrow.ts'
export { type ArrowReport, writeArrow } from './node/write-arrow.ts'
export { createRenamer, mostNestedKeys, type Renamer, type RenamerOptions } from './renamer.ts'
export { snakeCase } from './snake-case.ts'
export {
  createTableSplitter,
  defaultMaxNesting,
  type TableRows,
  type TableSplitter,
  type TableSplitterOptions,
} from './table-splitter.ts'
export { idColumn, rootIdColumn } from './tie-columns.ts'
export { type ToArrowOptions, toArrow } from './to-arrow.ts'
export { type IpcOptions, toIpc } from './to-ipc.ts'
export { valueExcerpt } from './value-excerpt.ts'
export { defaultSchemaRows, type OneSchemaOptions, withOneSchema } from './with-one-schema.ts'
