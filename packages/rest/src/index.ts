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
export { mostTies } from './incremental/take-new-rows.ts'
export { type RestSourceOptions, restSource } from './rest-source.ts'
export { rowKeys } from './select/detect-rows.ts'
