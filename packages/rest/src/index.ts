export type { SignRequest } from '@millrace/auth'
export type {
  ApiKeyAuthConfig,
  AuthConfig,
  BasicAuthConfig,
  BearerAuthConfig,
  OAuthClientCredentialsConfig,
  OAuthJwtBearerConfig,
  OAuthRefreshTokenConfig,
  SecretValue,
  SessionTokenConfig,
  TokenConfig,
} from './config/auth-config.ts'
export { ConfigError, type ConfigProblem } from './config/config-error.ts'
export { env } from './config/env.ts'
export type { CursorScalar, IncrementalConfig } from './config/incremental-config.ts'
export type {
  AnyPaginatorConfig,
  AutoPaginatorConfig,
  CursorPaginatorConfig,
  HeaderCursorPaginatorConfig,
  HeaderLinkPaginatorConfig,
  JsonLinkPaginatorConfig,
  OffsetPaginatorConfig,
  PageNumberPaginatorConfig,
  PaginatorConfig,
  PaginatorSettings,
  SinglePagePaginatorConfig,
} from './config/paginator-config.ts'
export type { ProcessingStep } from './config/processing-step.ts'
export { readRestConfig } from './config/read-rest-config.ts'
export type {
  ResponseAction,
  ResponseActionConfig,
  ResponseFunction,
  ResponseRule,
  RuledAnswer,
} from './config/response-rule.ts'
export type {
  ClientConfig,
  DispositionConfig,
  EndpointConfig,
  FormConfig,
  ParamScalar,
  ParamValue,
  RateLimitConfig,
  ResourceConfig,
  ResourceDefaults,
  RestConfig,
  RetryConfig,
  RowsInput,
  RowsResourceConfig,
  WriteDispositionConfig,
} from './config/rest-config.ts'
export type {
  ColumnConfig,
  ColumnsConfig,
  SchemaConfig,
  SchemaModeConfig,
  SchemaModesConfig,
} from './config/schema-config.ts'
export { inFileSpelling } from './config/spelling.ts'
export { mostParents, mostTiesPerParent } from './incremental/advance.ts'
export type { CursorValue } from './incremental/compare-cursor-values.ts'
export { createIncremental, type Incremental, type IncrementalOptions } from './incremental/create-incremental.ts'
export type { ReadPart } from './incremental/read-part.ts'
export { mostTies, type Seen } from './incremental/seen.ts'
export type { CursorAnswer } from './incremental/take-answer-value.ts'
export type { Taken } from './incremental/take-new-rows.ts'
export type { Watermark } from './incremental/watermark.ts'
export { mostSeenParents } from './parents/unique-parents.ts'
export { describePosition } from './reading/describe-position.ts'
export { parallelParents } from './reading/read-resource.ts'
export { type RestSourceOptions, restSource } from './rest-source.ts'
export { rowKeys } from './select/row-keys.ts'
