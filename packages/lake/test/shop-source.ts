import type { Clock, Emit, JsonValue, Page, Row } from '@millrace/core'
import { createHttpClient } from '@millrace/http'
import { lake } from '@millrace/lake'
import { type RunReport, run, type Stream } from '@millrace/pipeline'
import type { Handler, HttpServer, Reply } from '../../../test/support/http-server.ts'
import { shopPages, shopTables } from './shop-run.ts'

/**
 * The shop of {@link shopTables} behind HTTP: `/<place>/<stream>?page=<number>`. Each place is another shop, so that one
 * server serves many runs. The first request for page 4 of the events is answered by 503.
 */
export function shopApi(): Handler {
  const refused = new Set<string>()
  return ({ path, query }): Reply => {
    const [, place = '', name = ''] = path.split('/')
    const number = Number(query.get('page'))
    if (name === 'events' && number === 4 && !refused.has(place)) {
      refused.add(place)
      return { status: 503 }
    }
    const stream = shopTables.find(({ table }) => table.stream === name)
    return { json: (stream?.page(number) ?? []) as JsonValue }
  }
}

/** Pages that were answered for a place, as `<stream> <page>`, in order. */
export function pagesAnswered(server: HttpServer, place: string): readonly string[] {
  const asked = server.requests.flatMap(({ path, query }) => {
    const [, where, name] = path.split('/')
    return where === place ? [`${name} ${query.get('page')}`] : []
  })
  // The first of the two for this page was refused.
  const refused = asked.indexOf('events 4')
  return asked.filter((_, index) => index !== refused)
}

export interface ShopRun {
  readonly folder: string
  /** Of the place: `http://…/<place>`. */
  readonly url: string
  readonly clock: Clock
  readonly maxPages?: number
  /** Told, as `<stream> <page>`, when another page is asked for. */
  readonly onDurable?: (page: string) => void
  readonly emit?: Emit
}

/** Runs the shop into a lake as users do: the engine, the HTTP client, several streams at once, commits on the way. */
export async function runShop({
  folder,
  url,
  clock,
  maxPages,
  onDurable,
  emit = () => {},
}: ShopRun): Promise<RunReport> {
  const client = createHttpClient({ baseUrl: url, clock, emit })
  const streams = shopTables.map(
    ({ table }): Stream => ({
      name: table.stream,
      disposition: table.disposition,
      primaryKey: table.primaryKey,
      ...(table.partitionBy && { partitionBy: table.partitionBy }),
      schema: { nested: 'tables' },
      async *read({ checkpoint, committed, signal }): AsyncGenerator<Page> {
        for (let page = Number((checkpoint ?? committed)?.['page'] ?? 0) + 1; page <= shopPages; page++) {
          const { body } = await client.get(table.stream, { query: { page }, signal })
          yield { rows: body as readonly Row[], position: { page } }
          onDurable?.(`${table.stream} ${page}`)
        }
      },
    }),
  )
  try {
    return await run({ name: 'shop', streams: () => streams }, lake(folder, { segmentRows: 5 }), {
      emit,
      commitEvery: { rows: 6 },
      ...(maxPages !== undefined && { maxPages }),
    })
  } finally {
    await client.close()
  }
}

/** Time does not pass: waits are over at once. */
export const impatientClock: Clock = { now: () => Date.now(), sleep: async () => {} }
