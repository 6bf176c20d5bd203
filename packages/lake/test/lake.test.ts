import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lake } from '@millrace/lake'
import { readDelta } from '../../../test/support/read-delta.ts'
import { testDestination } from '../../../test/support/test-destination.ts'

testDestination('lake, small segments', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-lake-'))
  return {
    // So small that a history has open segments and closed ones.
    destination: () => lake(folder, { segmentRows: 5 }),
    read: async (table) => {
      const location = join(folder, table)
      return existsSync(join(location, '_delta_log')) ? (await readDelta(location)).rows : undefined
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
})
