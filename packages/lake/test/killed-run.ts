import { writeSync } from 'node:fs'
import { hookDisk } from './hook-disk.ts'
import { shopRun } from './shop-run.ts'

/**
 * A run that kills itself, as `kill -9` does, right before its n-th touch of the disk; with `torn`, a write that it would
 * be killed before is done in half.
 *
 * Usage: `node killed-run.js <folder> <run> <n> [torn]`. Exit code 0 where there is no n-th touch.
 */
const [folder = '', run = '', nth = '', mode] = process.argv.slice(2)
let left = Number(nth)

await hookDisk(async ({ tear }) => {
  left -= 1
  if (left !== 0) return
  if (mode === 'torn') await tear()
  process.kill(process.pid, 'SIGKILL')
  await new Promise(() => {})
})

// Not through a stream: what is told must be out before the next step, which may be the last.
await shopRun(folder, run, undefined, () => writeSync(1, '.'))
