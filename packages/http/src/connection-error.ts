import { errorMessage, MillraceError } from '@millrace/core'
import type { Redaction } from './redaction.ts'
import type { MinimumRate } from './watch-rate.ts'

export interface ConnectionDetails {
  readonly method: string
  readonly url: URL
  readonly redaction: Redaction
  /** Whether the same request may be sent twice without doing anything twice. */
  readonly isIdempotent: boolean
  readonly timeoutMs: number
  readonly connectTimeoutMs: number
  readonly minimumRate: MinimumRate
}

/** `always`: nothing was sent yet. `idempotent`: the server may have acted on the request. `never`: it will not mend. */
type Retry = 'always' | 'idempotent' | 'never'

interface Diagnosis {
  readonly code: 'E_CONNECTION' | 'E_TIMEOUT' | 'E_TLS' | 'E_PROTOCOL' | 'E_REQUEST' | 'E_CLOSED' | 'E_PRIVATE_NETWORK'
  readonly retry: Retry
  readonly says: (details: ConnectionDetails, code: string) => string
}

const origin = ({ url }: ConnectionDetails): string => url.origin
const request = ({ method, url, redaction }: ConnectionDetails): string => `${method} ${redaction.url(url)}`

const notConnected: Diagnosis = {
  code: 'E_CONNECTION',
  retry: 'always',
  says: (details, code) =>
    `Could not connect to ${origin(details)} (${code}): is the server running, and is base_url right?`,
}
const notFound: Diagnosis = {
  code: 'E_CONNECTION',
  // A name that could not be looked up for the moment is EAI_AGAIN: this one does not exist.
  retry: 'never',
  says: (details, code) => `There is no host ${details.url.hostname} (${code}): is base_url right?`,
}
const lost: Diagnosis = {
  code: 'E_CONNECTION',
  retry: 'idempotent',
  says: (details, code) => `${request(details)}: the connection was lost before the answer was complete (${code})`,
}
const connectTimeout: Diagnosis = {
  code: 'E_TIMEOUT',
  retry: 'always',
  says: (details) =>
    `Could not connect to ${origin(details)} within ${details.connectTimeoutMs / 1000} s: is base_url right, and may this machine reach it?`,
}
const idleTimeout: Diagnosis = {
  code: 'E_TIMEOUT',
  retry: 'idempotent',
  says: (details) =>
    `${request(details)}: nothing was received for ${details.timeoutMs / 1000} s; allow more with timeout`,
}
const slow: Diagnosis = {
  code: 'E_TIMEOUT',
  retry: 'idempotent',
  says: (details) =>
    `${request(details)}: the body came with fewer than ${details.minimumRate.bytesPerSecond} bytes a second for ${details.minimumRate.overMs / 1000} s; allow less with minBytesPerSecond`,
}
const privateNetwork: Diagnosis = {
  code: 'E_PRIVATE_NETWORK',
  retry: 'never',
  says: (details) =>
    `${request(details)} was not sent: ${details.url.hostname} is an address of this machine or a private network, and blockPrivateNetworks is on`,
}
const tls: Diagnosis = {
  code: 'E_TLS',
  retry: 'never',
  says: (details, code) =>
    `No secure connection to ${origin(details)} (${code}): is the certificate valid, and does the server speak https on this port?`,
}
const protocol: Diagnosis = {
  code: 'E_PROTOCOL',
  retry: 'never',
  says: (details, code) => `${request(details)}: the answer is not HTTP (${code}): is base_url right, port included?`,
}
const invalidRequest: Diagnosis = {
  code: 'E_REQUEST',
  retry: 'never',
  says: (details) => `${request(details)} cannot be sent: check its headers, and the credentials for line breaks`,
}
const closed: Diagnosis = {
  code: 'E_CLOSED',
  retry: 'never',
  says: (details) => `${request(details)} cannot be sent: the client is closed`,
}
const unknown: Diagnosis = { ...lost, retry: 'never', says: (details, code) => `${request(details)} failed (${code})` }

const diagnoses: Readonly<Record<string, Diagnosis>> = {
  ECONNREFUSED: notConnected,
  EHOSTUNREACH: notConnected,
  EHOSTDOWN: notConnected,
  ENETUNREACH: notConnected,
  ENETDOWN: notConnected,
  EADDRNOTAVAIL: notConnected,
  EAI_AGAIN: notConnected,
  ENOTFOUND: notFound,
  UND_ERR_CONNECT_TIMEOUT: connectTimeout,
  ECONNRESET: lost,
  ECONNABORTED: lost,
  ETIMEDOUT: lost,
  EPIPE: lost,
  UND_ERR_SOCKET: lost,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: lost,
  // The connection ended in the middle of a chunked body.
  HPE_INVALID_EOF_STATE: lost,
  UND_ERR_HEADERS_TIMEOUT: idleTimeout,
  UND_ERR_BODY_TIMEOUT: idleTimeout,
  ERR_SLOW_BODY: slow,
  ERR_PRIVATE_NETWORK: privateNetwork,
  UND_ERR_HEADERS_OVERFLOW: protocol,
  UND_ERR_INVALID_ARG: invalidRequest,
  UND_ERR_NOT_SUPPORTED: invalidRequest,
  UND_ERR_CLOSED: closed,
  UND_ERR_DESTROYED: closed,
}

/** Node and OpenSSL name these by the dozen. */
const tlsCode = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO$)/

/** What `undici` or the system threw, as an error of ours: what happened, whether it may be retried, what to check. */
export function connectionError(thrown: unknown, details: ConnectionDetails): MillraceError {
  const code = findCode(thrown)
  const diagnosis = diagnosisOf(code)
  const { retry } = diagnosis
  const name = code ?? details.redaction.text(errorMessage(thrown))
  return new MillraceError(diagnosis.code, diagnosis.says(details, name), {
    retryable: retry === 'always' || (retry === 'idempotent' && details.isIdempotent),
    context: { method: details.method, url: details.redaction.url(details.url), ...(code && { code }) },
    cause: details.redaction.cause(thrown),
  })
}

function diagnosisOf(code = ''): Diagnosis {
  const known = Object.hasOwn(diagnoses, code) ? diagnoses[code] : undefined
  if (known) return known
  if (tlsCode.test(code)) return tls
  return code.startsWith('HPE_') ? protocol : unknown
}

/** The code of an error, of the first of several addresses that were tried, or of its cause. */
function findCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code
  // undici 7.30 has the parser's reason in the message only.
  if (thrown.name === 'HTTPParserError') return thrown.message.includes('EOF') ? 'HPE_INVALID_EOF_STATE' : 'HPE_INVALID'
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return findCode(thrown.errors[0])
  return findCode(thrown.cause)
}
