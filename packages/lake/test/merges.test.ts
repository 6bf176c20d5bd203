import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lake } from '@millrace/lake'
import { checkPartitions } from '../../../test/support/check-partitions.ts'
import { readDelta } from '../../../test/support/read-delta.ts'
import { testMerges } from '../../../test/support/test-merges.ts'

testMerges('a lake', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-lake-'))
  return {
    // So small that what is staged is in two files or three.
    destination: () => lake(folder, { segmentRows: 50 }),
    read: async (table) => {
      const location = join(folder, table)
      if (!existsSync(join(location, '_delta_log'))) return undefined
      await checkPartitions(location)
      return (await readDelta(location)).rows
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
})
