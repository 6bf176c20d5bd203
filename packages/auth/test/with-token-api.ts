import type { TokenClientOptions } from '@millrace/auth'
import type { MillraceEvent } from '@millrace/core'
import { type Authenticator, createHttpClient, type HttpClient, type HttpClientOptions } from '@millrace/http'
import { type Handler, type HttpServer, startHttpServer } from '../../../test/support/http-server.ts'
import { type RecordingClock, recordingClock } from '../../../test/support/recording-clock.ts'

export interface TokenScene {
  /** Gives tokens, at every path. */
  readonly tokens: HttpServer
  /** Wants one, in `Authorization: Bearer …`. */
  readonly api: HttpServer
  readonly client: HttpClient
  readonly auth: Authenticator
  readonly clock: RecordingClock
  readonly events: readonly MillraceEvent[]
}

export interface TokenSceneOptions {
  /** Default: `token-1`, `token-2`, … each good for an hour. */
  readonly tokens?: Handler
  /** Default: takes every request that has an `Authorization`. */
  readonly api?: Handler
  readonly client?: Partial<HttpClientOptions>
}

/** Counted, as OAuth 2 servers give them. */
export const countedTokens: Handler = (_, index) => ({
  json: { access_token: `token-${index + 1}`, token_type: 'Bearer', expires_in: 3600 },
})

/** An API that takes these tokens only. */
export const takes =
  (...tokens: readonly string[]): Handler =>
  ({ headers }) =>
    tokens.some((token) => headers['authorization'] === `Bearer ${token}`) ? { json: ['in'] } : { status: 401 }

/** Runs a test with a token server, an API on another origin, and a client for it; and closes all whatever happens. */
export async function withTokenApi(
  makeAuth: (tokenUrl: string, client: TokenClientOptions) => Authenticator,
  test: (scene: TokenScene) => Promise<void>,
  options: TokenSceneOptions = {},
): Promise<void> {
  const takesAny: Handler = ({ headers }) => (headers['authorization'] ? { json: ['in'] } : { status: 401 })
  const tokens = await startHttpServer(options.tokens ?? countedTokens)
  const api = await startHttpServer(options.api ?? takesAny)
  const clock = recordingClock()
  const events: MillraceEvent[] = []
  const timing = { clock, random: () => 0.5 }
  const auth = makeAuth(`${tokens.url}/token`, timing)
  const emit = (event: MillraceEvent) => void events.push(event)
  const client = createHttpClient({ baseUrl: api.url, auth, emit, ...timing, ...options.client })
  try {
    await test({ tokens, api, client, auth, clock, events })
  } finally {
    await Promise.all([tokens.close(), api.close()])
    await client.close()
  }
}

/** The fields of a form that was sent. */
export function formIn({ body }: { readonly body: string }): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body))
}
