import { readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRandom } from '../support/random.ts'
import { readDelta } from '../support/read-delta.ts'
import { millrace, startMillrace } from '../support/run-millrace.ts'
import { withTempFolder } from '../support/temp-folder.ts'

const it = suite('SIGKILL')

const kills = 10
const pages = 40
const rowsPerPage = 100

/** −1 where there is no table yet. */
async function newestVersion(table: string): Promise<number> {
  const names = await readdir(join(table, '_delta_log')).catch((): string[] => [])
  return names.filter((name) => name.endsWith('.json')).length - 1
}

it('converges after ten kills at random moments, and fetches at most one page again for each', async () => {
  const random = createRandom(20_261_122)
  const offsets: number[] = []
  let onRequest: (offset: number) => void = () => {}
  const server = createServer((request, response) => {
    const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset'))
    offsets.push(offset)
    onRequest(offset)
    const left = Math.max(0, Math.min(rowsPerPage, pages * rowsPerPage - offset))
    const data = Array.from({ length: left }, (_, index) => ({ id: offset + index, value: `v${offset + index}` }))
    response.end(JSON.stringify({ data, total: pages * rowsPerPage }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    await withTempFolder(async (folder) => {
      const config = join(folder, 'numbers.json')
      await writeFile(
        config,
        JSON.stringify({
          client: { base_url: base },
          resources: [
            {
              name: 'numbers',
              primary_key: 'id',
              write_disposition: 'merge',
              endpoint: { path: 'numbers', data_selector: 'data', paginator: { type: 'offset', limit: rowsPerPage } },
            },
          ],
        }),
      )
      const args = ['run', config, '--to', join(folder, 'out'), '--json']
      const table = join(folder, 'out', 'numbers')
      let killed = 0
      let killsSinceCommit = 0
      let version = -1
      /** After a process has ended: where it has committed, it and the dead ones before it fetched each page once. */
      const checkRequests = async (): Promise<void> => {
        const now = await newestVersion(table)
        if (now === version) return
        assert.is(now, version + 1, 'one version per run')
        const most = pages + killsSinceCommit
        assert.ok(offsets.length <= most, `${offsets.length} requests for ${pages} pages, ${killsSinceCommit} kills`)
        version = now
        killsSinceCommit = 0
        offsets.length = 0
      }
      while (killed < kills) {
        // Half of the kills fall into the reading, at a random request; half after the last one, into the commit.
        const inCommit = random.chance(0.5)
        const target = random.int(1, 12)
        const delay = random.int(0, inCommit ? 500 : 10)
        let seen = 0
        const command = startMillrace(args)
        onRequest = (offset) => {
          seen += 1
          const isLast = offset + rowsPerPage >= pages * rowsPerPage
          if (inCommit ? isLast : seen === target) void sleep(delay).then(() => command.kill('SIGKILL'))
        }
        const { signal, code, stderr } = await command.done
        onRequest = () => {}
        await checkRequests()
        if (signal === 'SIGKILL') {
          killed += 1
          killsSinceCommit += 1
        } else assert.is(code, 0, stderr)
      }
      const last = await millrace(args)
      assert.is(last.code, 0, last.stderr)
      await checkRequests()
      const { rows } = await readDelta(table, 'id')
      assert.is(rows.length, pages * rowsPerPage)
      for (const [index, row] of rows.entries()) assert.equal(row, { id: String(index), value: `v${index}` })
    })
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

it.run()
