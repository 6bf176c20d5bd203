export type { ApplyContext, Authenticator, OutgoingRequest } from './authenticator.ts'
export {
  createHttpClient,
  defaultConnectTimeoutMs,
  defaultMaxBodyBytes,
  defaultRetryStatuses,
  defaultTimeoutMs,
  defaultTotalTimeoutMs,
} from './create-http-client.ts'
export { maxRedirects } from './follow-redirect.ts'
export type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse, HttpRetryOptions } from './http-client.ts'
export { bodyExcerptLength, type HttpStatusDetails, HttpStatusError } from './http-status-error.ts'
export type { Judge, JudgedAnswer, Verdict } from './judge.ts'
export { parseJson } from './parse-json.ts'
export { type Query, type QueryScalar, type QueryValue, withQuery } from './query.ts'
export { redactUrls } from './redact-urls.ts'
export { resolveUrl } from './resolve-url.ts'
