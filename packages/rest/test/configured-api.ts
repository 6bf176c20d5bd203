import type { MillraceEvent, Page, Row } from '@millrace/core'
import { lake } from '@millrace/lake'
import { type RunReport, run, type Source } from '@millrace/pipeline'
import { type RestSourceOptions, readRestConfig, restSource } from '@millrace/rest'
import type { Test } from 'uvu'
import { type Handler, type HttpServer, startHttpServer } from '../../../test/support/http-server.ts'
import { type Reading, readPages, recordEvents } from '../../../test/support/read-pages.ts'

/** What a file says, in dlt's spelling; `base_url` is the server's where it says none. */
export interface FileConfig {
  readonly client?: Readonly<Record<string, unknown>>
  readonly resource_defaults?: unknown
  readonly resources: readonly unknown[]
}

/** Starts servers that are closed after each test of the suite. */
export function createServe<Context>(it: Test<Context>): (handler: Handler) => Promise<HttpServer> {
  const servers: HttpServer[] = []
  it.after.each(async () => {
    for (const server of servers.splice(0)) await server.close()
  })
  return async (handler) => {
    const server = await startHttpServer(handler)
    servers.push(server)
    return server
  }
}

export function configuredSource(server: HttpServer, config: FileConfig, options: RestSourceOptions = {}): Source {
  const { client, ...rest } = config
  return restSource(readRestConfig({ client: { base_url: server.url, ...client }, ...rest }), options)
}

export interface ConfiguredRead {
  readonly pages: readonly Page[]
  readonly rows: readonly Row[]
  readonly ids: readonly unknown[]
  events<Type extends MillraceEvent['type']>(type: Type): Extract<MillraceEvent, { type: Type }>[]
}

export interface ReadOptions extends RestSourceOptions, Omit<Reading, 'emit'> {
  /** The stream to read. Default: the first. */
  readonly stream?: string
}

/** Reads one stream as the configuration says. */
export async function read(
  server: HttpServer,
  config: FileConfig,
  { stream: name, clock, random, ...reading }: ReadOptions = {},
): Promise<ConfiguredRead> {
  const options = { ...(clock && { clock }), ...(random && { random }) }
  const streams = configuredSource(server, config, options).streams()
  const stream = name === undefined ? streams[0] : streams.find((each) => each.name === name)
  if (!stream) throw new Error(`there is no stream ${name}`)
  const recorded = recordEvents()
  const pages = await readPages(stream, { ...reading, emit: recorded.emit })
  const rows = pages.flatMap((page) => page.rows)
  return {
    pages,
    rows,
    ids: rows.map((row) => row['id']),
    events: (type) => recorded.of(type) as never,
  }
}

/** Loads all streams into a lake. */
export function load(
  server: HttpServer,
  config: FileConfig,
  folder: string,
  options: RestSourceOptions = {},
): Promise<RunReport> {
  return run(configuredSource(server, config, { name: 'api', ...options }), lake(folder))
}
