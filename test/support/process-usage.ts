import { readdir, readlink } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { settle } from './turns.ts'

/** What a process holds. */
export interface ProcessUsage {
  readonly threads: number
  /** Files and sockets, each by what it leads to. */
  readonly handles: readonly string[]
  /** What keeps the process alive. */
  readonly resources: readonly string[]
  readonly residentBytes: number
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Linux tells it of itself in `/proc`. Elsewhere no threads and no handles are found. */
export async function processUsage(): Promise<ProcessUsage> {
  await settle()
  collectGarbage()
  const resources = process.getActiveResourcesInfo().sort()
  const threads = await namesIn('/proc/self/task')
  const handles: string[] = []
  for (const name of await namesIn('/proc/self/fd')) {
    // The folder itself is open while it is read, and closed when its entries are looked at.
    const target = await readlink(`/proc/self/fd/${name}`).catch(() => undefined)
    if (target !== undefined) handles.push(target)
  }
  return { threads: threads.length, handles: handles.sort(), resources, residentBytes: process.memoryUsage.rss() }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => [])
}
