import { createRedact, errorMessage, isMillraceError, type JsonValue, MillraceError, type Secret } from '@millrace/core'
import { createHttpClient, type HttpClientOptions, type OutgoingRequest } from '@millrace/http'
import { valueAt } from '@millrace/paginate'
import type { FetchContext } from './token-cache.ts'

/** Token servers are asked twice at most: a client that keeps asking with wrong credentials is locked out. */
export const tokenRetries = 1

/** As much as an error quotes of what a token server says, characters. */
const quotedLength = 200

/** Errors that say all there is to say. */
const passed: readonly string[] = ['E_AUTH', 'E_WAIT_TOO_LONG']

/** What requests for tokens are made with. */
export type TokenClientOptions = Pick<
  HttpClientOptions,
  'clock' | 'random' | 'dispatcher' | 'timeoutMs' | 'totalTimeoutMs' | 'connectTimeoutMs' | 'blockPrivateNetworks'
>

/** The part of a request that holds credentials. Header names are lower case. */
export interface TokenMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface TokenRequest {
  /** Of the authenticator, for errors. */
  readonly name: string
  readonly url: string
  readonly method: 'GET' | 'POST'
  /** Asked anew for each try, because an assertion may be good for one. */
  write(): TokenMessage
  /** What must not be seen. Read anew too. */
  secrets(): readonly Secret[]
}

export interface TokenAnswer {
  readonly body: JsonValue
  /** The error for an answer that is of no use. */
  failure(remark: string): MillraceError
}

/**
 * Asks for a token. The credentials go to the origin of the URL and to no other.
 *
 * No error quotes the answer but for what it says of itself, because it may hold a token that nobody knows yet.
 *
 * @throws {MillraceError} `E_AUTH`, where there is no answer or no success; `E_WAIT_TOO_LONG`.
 */
export async function requestToken(
  request: TokenRequest,
  { signal, emit }: FetchContext,
  options: TokenClientOptions,
): Promise<TokenAnswer> {
  const { name, url, method } = request
  const client = createHttpClient({
    ...options,
    ...(emit && { emit }),
    baseUrl: url,
    retry: { maxRetries: tokenRetries },
    auth: {
      name,
      get secrets() {
        return request.secrets()
      },
      // A redirect may have made another request of it, which is to have none.
      apply: (outgoing) => (outgoing.method === method ? merged(outgoing, request.write()) : outgoing),
    },
  })
  try {
    const judge = () => 'ignore' as const
    const { status, body, meta } = await client.request({ method, path: '', idempotent: true, signal, judge })
    const failure = (remark: string): MillraceError => {
      const said = lineOf(createRedact(request.secrets())(reasonIn(body)))
      const message = `auth "${name}": ${method} ${meta.url} answered ${status}${remark}${said && `; it says: ${said}`}`
      return new MillraceError('E_AUTH', message, { context: { method, url: meta.url, status } })
    }
    if (status < 200 || status > 299) throw failure(': check the credentials and the URL')
    return { body, failure }
  } catch (thrown) {
    if (signal.aborted || !isMillraceError(thrown) || passed.includes(thrown.code)) throw thrown
    const { context } = thrown
    throw new MillraceError('E_AUTH', `auth "${name}" got no token: ${errorMessage(thrown)}`, {
      context,
      cause: thrown,
    })
  } finally {
    await client.close()
  }
}

function merged(outgoing: OutgoingRequest, { headers, body }: TokenMessage): OutgoingRequest {
  return { ...outgoing, headers: { ...outgoing.headers, ...headers }, ...(body !== undefined && { body }) }
}

/** What an answer says of itself, by RFC 6749 §5.2 or in the words that others use. */
function reasonIn(body: JsonValue): string {
  const texts = ['error', 'error.message', 'error_description', 'message'].map((path) => valueAt(body, path))
  return texts.filter((text) => typeof text === 'string').join(': ')
}

function lineOf(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, quotedLength)
}
