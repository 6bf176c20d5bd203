import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from './support/source-tree.ts'
import { withTempFolder } from './support/temp-folder.ts'

const it = suite('interop runner')

it('says in one line that it is skipped where there is no Python or no Java, and nothing has failed', async () => {
  await withTempFolder(async (empty) => {
    for (const [args, said] of [
      [[], 'SKIPPED interop: there is no python3'],
      [['--spark'], 'SKIPPED Spark: there is no java'],
    ] as const) {
      const { stdout, status } = spawnSync(process.execPath, [join(root, '.build/test/interop/run.js'), ...args], {
        env: { ...process.env, PATH: empty },
        encoding: 'utf8',
      })
      assert.is(stdout, `${said}\n0 passed, 0 failed\n`)
      assert.is(status, 0)
    }
  })
})

it.run()
