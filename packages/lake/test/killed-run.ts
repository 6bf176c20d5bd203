import { writeSync } from 'node:fs'
import type { Clock } from '@millrace/core'
import { hookDisk, writes } from './hook-disk.ts'
import { impatientClock, runShop } from './shop-source.ts'

/**
 * A run that kills itself, as `kill -9` does, right before or after the n-th thing it asks of the disk, the clock or the
 * network; `torn`: when half of its n-th write is done. With n = 0 it is left to others to kill it.
 *
 * Usage: `node killed-run.js <folder> <url> <before|after|torn> <n>`. Exit code 0 where there is no n-th. Tells on standard
 * output, a line each, that it is about to begin, which pages are durable, and which versions are committed.
 */
const [folder = '', url = '', mode, nth = ''] = process.argv.slice(2)
const target = Number(nth)
let count = 0

function begin(): number {
  count += 1
  if (mode === 'before' && count === target) die()
  return count
}

function end(number: number): void {
  if (mode === 'after' && number === target) die()
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Not through a stream: what is told must be out before the next step, which may be the last. */
function tell(line: string): void {
  writeSync(1, `${line}\n`)
}

await hookDisk(async ({ name, tear }) => {
  if (mode === 'torn') {
    if (!writes.includes(name)) return undefined
    count += 1
    if (count !== target) return undefined
    await tear()
    die()
  }
  const number = begin()
  return () => end(number)
})

const clock: Clock = {
  ...impatientClock,
  sleep: async () => {
    if (mode !== 'torn') end(begin())
  },
}

const requests = new Map<string, number>()
tell('begin')
await runShop({
  folder,
  url,
  clock,
  onDurable: (page) => tell(`durable ${page}`),
  emit: (event) => {
    if (event.type === 'commit') tell(`commit ${event.table} ${event.version}`)
    if (mode === 'torn') return
    if (event.type === 'request') requests.set(event.url, begin())
    if (event.type === 'response') end(requests.get(event.url) ?? 0)
  },
})
