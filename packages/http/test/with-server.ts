import { createHttpClient, type HttpClient, type HttpClientOptions } from '@millrace/http'
import { type Handler, type HttpServer, startHttpServer } from '../../../test/support/http-server.ts'
import { type RecordingClock, recordingClock } from '../../../test/support/recording-clock.ts'

export interface Scene {
  readonly server: HttpServer
  readonly client: HttpClient
  /** The client's: waits between retries take no time. */
  readonly clock: RecordingClock
}

/** Runs a test with a server and a client for it, and closes both whatever happens. */
export async function withServer(
  handler: Handler,
  test: (scene: Scene) => Promise<void>,
  options: Partial<HttpClientOptions> = {},
): Promise<void> {
  const server = await startHttpServer(handler)
  const clock = recordingClock()
  const client = createHttpClient({ baseUrl: server.url, clock, random: () => 0.5, ...options })
  try {
    await test({ server, client, clock })
  } finally {
    await server.close()
    await client.close()
  }
}
