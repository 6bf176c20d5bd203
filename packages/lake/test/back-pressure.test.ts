import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@millrace/core'
import { lake } from '@millrace/lake'
import { run, type Source } from '@millrace/pipeline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { hookDisk } from './hook-disk.ts'

const it = suite('a slow disk')

it('stalls the source: no page is asked for before the one before is on the disk', async () => {
  await withTempFolder(async (folder) => {
    const pages = 40
    let asked = 0
    let kept = 0
    let ahead = 0
    let waits = 0
    async function* read(): AsyncGenerator<Page> {
      for (let page = 1; page <= pages; page++) {
        asked += 1
        ahead = Math.max(ahead, asked - kept)
        yield { rows: [{ id: page, text: 'x'.repeat(10_000) }], position: { page } }
      }
    }
    const source: Source = {
      name: 'shop',
      streams: () => [{ name: 'events', disposition: 'append', read }],
    }
    const unhook = await hookDisk(async ({ name }) => {
      if (name !== 'datasync' && name !== 'sync') return
      waits += 1
      await sleep(10)
    })
    try {
      // A file for every fourth page, so that the writing of files is as slow as that of pages.
      const destination = lake(folder, { segmentRows: 4 })
      await run(source, destination, {
        emit: ({ type }) => {
          if (type === 'page') kept += 1
        },
      })
    } finally {
      unhook()
    }
    assert.is(asked, pages)
    assert.is(ahead, 1)
    assert.ok(waits > pages, `${waits} waits for the disk`)
  })
})

it.run()
