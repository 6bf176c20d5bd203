import { fork } from 'node:child_process'
import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readDelta } from '../../../test/support/read-delta.ts'
import { withTempFolder } from '../../../test/support/temp-folder.ts'
import { expectedRows, shopRun } from './shop-run.ts'

const script = fileURLToPath(new URL('./killed-run.js', import.meta.url))

interface KilledRun {
  readonly wasKilled: boolean
  /** Pages it was told are durable. */
  readonly kept: number
}

function killedRun(folder: string, run: string, nth: number, mode: string): Promise<KilledRun> {
  return new Promise((resolve, reject) => {
    const child = fork(script, [folder, run, String(nth), mode], { silent: true, execArgv: ['--enable-source-maps'] })
    let output = ''
    let kept = 0
    child.stdout?.on('data', (chunk: Buffer) => {
      kept += chunk.length
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve({ wasKilled: true, kept })
      else if (code === 0) resolve({ wasKilled: false, kept })
      else reject(new Error(`the run before kill ${nth} failed: ${output}`))
    })
  })
}

async function checkTables(folder: string, told: string): Promise<void> {
  for (const [name, expected] of Object.entries(expectedRows)) {
    const { files, rows } = await readDelta(join(folder, name))
    const lines = rows.map(({ id, at, late }) =>
      [id, at, late].filter((value) => value !== null && value !== undefined),
    )
    assert.equal(lines.map((line) => line.join(' ')).sort(), expected, `${told}: rows of ${name}`)
    assert.is(new Set(files).size, files.length, `${told}: a file is named twice`)
  }
}

const it = suite('lake, killed at every touch of the disk')

for (const mode of ['whole', 'torn'] as const) {
  it(`converges after a kill before any write, sync, link or removal (${mode} writes)`, async () => {
    await withTempFolder(async (home) => {
      const start = join(home, 'start')
      await shopRun(start, 'r0', 2)
      let point = 0
      let converged = 0
      const checkPoint = async (nth: number): Promise<boolean> => {
        const folder = join(home, `killed-${nth}`)
        await cp(start, folder, { recursive: true })
        const { wasKilled, kept } = await killedRun(folder, 'r1', nth, mode)
        const read = await shopRun(folder, 'r2')
        // Six pages are left after r0. None that the dead run was told is durable is read again.
        assert.ok(read <= 6 - kept, `kill ${nth}: ${kept} pages kept, ${read} read after it`)
        await checkTables(folder, `kill ${nth}`)
        converged += 1
        return wasKilled
      }
      // Two at a time: a process spends most of its life starting.
      const work = async (): Promise<void> => {
        for (;;) {
          point += mode === 'torn' ? 3 : 1
          if (!(await checkPoint(point))) return
        }
      }
      await Promise.all([work(), work()])
      assert.ok(converged > 20, `${converged} kill points`)
      console.log(`${converged} kill points (${mode}), all converged`)
    })
  })
}

it('converges after kills during the recovery from a kill', async () => {
  await withTempFolder(async (home) => {
    for (let nth = 5; nth <= 60; nth += 11) {
      const folder = join(home, `killed-${nth}`)
      await shopRun(folder, 'r0', 2)
      await killedRun(folder, 'r1', nth, 'whole')
      await killedRun(folder, 'r2', nth + 20, 'torn')
      await killedRun(folder, 'r3', 9, 'whole')
      await shopRun(folder, 'r4')
      await checkTables(folder, `kill ${nth}`)
    }
  })
})

it('leaves no file behind that no commit names, once a run after a kill has committed', async () => {
  await withTempFolder(async (home) => {
    for (const nth of [30, 45, 60, 75]) {
      const folder = join(home, `killed-${nth}`)
      await shopRun(folder, 'r0', 2)
      await killedRun(folder, 'r1', nth, 'whole')
      await shopRun(folder, 'r2')
      await shopRun(folder, 'r3')
      for (const table of Object.keys(expectedRows)) {
        const log = join(folder, table, '_delta_log')
        const { files } = await readDelta(join(folder, table))
        const removed = await namesRemoved(log)
        const known = new Set([...files.map((file) => file.slice(join(folder, table).length + 1)), ...removed])
        const names = (await readdir(join(folder, table))).filter((name) => name !== '_delta_log')
        assert.equal(
          names.filter((name) => !known.has(name)),
          [],
          `kill ${nth}: files of ${table}`,
        )
      }
    }
  })
})

async function namesRemoved(log: string): Promise<readonly string[]> {
  const names: string[] = []
  for (const commit of (await readdir(log)).filter((name) => /^\d{20}\.json$/.test(name))) {
    for (const line of (await readFile(join(log, commit), 'utf8')).trim().split('\n')) {
      const { remove } = JSON.parse(line) as { remove?: { path: string } }
      if (remove) names.push(decodeURIComponent(remove.path))
    }
  }
  return names
}

it.run()
