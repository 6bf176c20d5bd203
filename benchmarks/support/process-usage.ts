import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

export interface Usage {
  /** Seconds of user and system time, of the process, its threads and its children. */
  readonly cpuSeconds: number
  /** Most memory it ever held, megabytes of 10^6 bytes; of each process, by its id. */
  readonly peakMb: ReadonlyMap<number, number>
  /** Memory that all of them hold now, megabytes. */
  readonly residentMb: number
}

/** Ticks per second of the times in `/proc`, by the interface of the kernel to its users: always 100 on Linux. */
const ticksPerSecond = 100

/**
 * What a process and those it started have used so far, from outside. Where there is no `/proc`, nothing is known.
 *
 * @see proc(5)
 */
export async function readUsage(pid: number): Promise<Usage | undefined> {
  if (!existsSync(`/proc/${pid}/status`)) return undefined
  const peakMb = new Map<number, number>()
  let cpuSeconds = 0
  let residentMb = 0
  for (const each of await processTree(pid)) {
    const [status, stat] = await Promise.all([
      readFile(`/proc/${each}/status`, 'utf8').catch(() => ''),
      readFile(`/proc/${each}/stat`, 'utf8').catch(() => ''),
    ])
    peakMb.set(each, megabytes(status, 'VmHWM'))
    residentMb += megabytes(status, 'VmRSS')
    // After the name in parentheses: fields 3 on. 14 to 17 are the times of the process and of children that have ended.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    cpuSeconds += fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond
  }
  return { cpuSeconds, peakMb, residentMb }
}

function megabytes(status: string, name: string): number {
  return (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024) / 1e6
}

async function processTree(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => [])
  const children = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  )
  const pids = children.join(' ').split(/\s+/).filter(Boolean).map(Number)
  return [pid, ...(await Promise.all(pids.map(processTree))).flat()]
}
