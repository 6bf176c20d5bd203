import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type HttpServer, startHttpServer } from '../../../test/support/http-server.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import type { KilledRun } from './kill-run.ts'
import { shopPages, shopTables } from './shop-run.ts'
import { impatientClock, pagesAnswered, runShop, shopApi } from './shop-source.ts'

/** Pages of each stream that are committed before the run that is killed. */
const pagesBefore = 2

export interface BegunShop {
  readonly server: HttpServer
  /** A lake with the first pages, in a folder of its own. The name is that of the place on the server too. */
  copy(name: string): Promise<{ readonly folder: string; readonly url: string }>
}

/** Gives `use` a server, and lakes that have the first pages of the shop. */
export async function withBegunShop(use: (shop: BegunShop) => Promise<void>): Promise<void> {
  const server = await startHttpServer(shopApi())
  try {
    await withTempFolder(async (home) => {
      const start = join(home, 'start')
      await runShop({ folder: start, url: `${server.url}/start`, clock: impatientClock, maxPages: pagesBefore })
      await use({
        server,
        copy: async (name) => {
          const folder = join(home, name)
          await cp(start, folder, { recursive: true })
          return { folder, url: `${server.url}/${name}` }
        },
      })
    })
  } finally {
    await server.close()
  }
}

/**
 * Every page was fetched, each once and at most one of each stream again for each kill; after one kill, none that was
 * durable. Returns how many were fetched again.
 */
export function checkRequests(server: HttpServer, place: string, killed: readonly KilledRun[]): number {
  const answered = pagesAnswered(server, place)
  for (const { table } of shopTables) {
    const own = answered.filter((page) => page.startsWith(`${table.stream} `))
    const left = shopPages - pagesBefore
    assert.is(new Set(own).size, left, `${place}: pages of ${table.stream}`)
    assert.ok(own.length <= left + killed.length, `${place}: ${own.length} requests for ${left} pages`)
  }
  const again = answered.filter((page, index) => answered.indexOf(page) !== index)
  if (killed.length > 1) return again.length
  for (const page of again) assert.not(killed[0]?.told.includes(`durable ${page}`), `${place}: ${page} again`)
  return again.length
}
