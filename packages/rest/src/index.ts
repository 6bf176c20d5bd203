export { ConfigError, type ConfigProblem } from './config-error.ts'
export { rowKeys } from './detect-rows.ts'
export { env } from './env.ts'
export { readRestConfig } from './read-rest-config.ts'
export type {
  AnyPaginatorConfig,
  ApiKeyAuthConfig,
  AuthConfig,
  BasicAuthConfig,
  BearerAuthConfig,
  ClientConfig,
  CursorPaginatorConfig,
  EndpointConfig,
  HeaderCursorPaginatorConfig,
  HeaderLinkPaginatorConfig,
  IncrementalConfig,
  JsonLinkPaginatorConfig,
  OffsetPaginatorConfig,
  PageNumberPaginatorConfig,
  PaginatorConfig,
  PaginatorSettings,
  ParamScalar,
  ParamValue,
  RateLimitConfig,
  ResourceConfig,
  ResourceDefaults,
  RestConfig,
  RetryConfig,
  SecretValue,
  SinglePagePaginatorConfig,
  WriteDispositionConfig,
} from './rest-config.ts'
export { type RestSourceOptions, restSource } from './rest-source.ts'
export { mostTies } from './take-new-rows.ts'
