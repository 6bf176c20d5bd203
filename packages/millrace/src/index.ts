export { fromArrow, readArrow, toArrow, writeArrow } from '@millrace/arrow'
export {
  apiKey,
  basic,
  bearer,
  oauthClientCredentials,
  oauthJwtBearer,
  oauthRefreshToken,
  sessionToken,
  sign,
} from '@millrace/auth'
export {
  type Emit,
  filterRows,
  isMillraceError,
  MillraceError,
  type MillraceEvent,
  mapRows,
  type Operator,
  type Page,
  pipe,
  prefetch,
  type Row,
  Secret,
  type Sink,
  secret,
  validateRows,
} from '@millrace/core'
export { createHttpClient } from '@millrace/http'
export { lake, openLake } from '@millrace/lake'
export { mergeByKey } from '@millrace/merge'
export {
  auto,
  cursor,
  headerCursor,
  headerLink,
  jsonLink,
  offset,
  pageNumber,
  paginate,
  singlePage,
} from '@millrace/paginate'
export {
  createWorkerEncoder,
  parquetjsLite,
  parquetWasm,
  readParquet,
  writeParquet,
  writeParquetFolder,
} from '@millrace/parquet'
export {
  type Destination,
  type Mode,
  type RunOptions,
  type RunReport,
  run,
  type Source,
  type Stream,
  StreamError,
} from '@millrace/pipeline'
export { ConfigError, env, type RestConfig, readRestConfig, restSource } from '@millrace/rest'
export { cli } from './cli.ts'
export type { Command, Output, Surroundings } from './command.ts'
export { type LoadedSource, loadSource } from './config/load-source.ts'
