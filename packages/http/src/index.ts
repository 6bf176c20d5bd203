export type { ApplyContext, Authenticator, OutgoingRequest } from './authenticator.ts'
export type { BodyFormat } from './body-format.ts'
export { defaultMaxDepth } from './check-json.ts'
export { createHttpClient, defaultRetryStatuses } from './create-http-client.ts'
export { maxRedirects } from './follow-redirect.ts'
export type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse, HttpRetryOptions } from './http-client.ts'
export { bodyExcerptLength, type HttpStatusDetails, HttpStatusError } from './http-status-error.ts'
export type { Judge, JudgedAnswer, Verdict } from './judge.ts'
export {
  defaultConnectTimeoutMs,
  defaultMaxBodyBytes,
  defaultMinBytesPerSecond,
  defaultRateWindowMs,
  defaultTimeoutMs,
  defaultTotalTimeoutMs,
} from './limits.ts'
export { type ParseJsonOptions, parseJson } from './parse-json.ts'
export { isPrivateAddress } from './private-network.ts'
export { type Query, type QueryScalar, type QueryValue, withQuery } from './query.ts'
export { maxUnpackRatio, ratioFromBytes } from './read-body.ts'
export { redactUrls } from './redact-urls.ts'
export type { Form } from './request-body.ts'
export { resolveUrl } from './resolve-url.ts'
