import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { readUsage, type Usage } from './process-usage.ts'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Measurement {
  /** From the signal to go until the job is done. */
  readonly seconds: number
  /** From the start of the process to its end: the job, the imports, and the exit. */
  readonly processSeconds: number
  /** From the signal to go until the first rows are in the process, parsed. Missing where nobody can tell. */
  readonly firstRowMs?: number
  /** User and system time of the job. Missing where there is no `/proc`. */
  readonly cpuSeconds?: number
  /** Most memory of the process and its children. Missing where there is no `/proc`. */
  readonly peakMb?: number
  /** That the server saw. Missing where there is none. */
  readonly requests?: number
  /** As the contender counted them. Missing where it does not. */
  readonly rows?: number
}

export interface MeasureOptions {
  /** Counts requests: those since the last time somebody asked. */
  readonly server?: { requests(): Promise<number> }
  /** Told now and then what the process holds, while the job goes on. */
  readonly onSample?: (usage: Usage) => void
}

/** Longest a contender may take, milliseconds: something hangs. */
const timeoutMs = 600_000

/** How often memory is looked at: only children that have ended by the end need it. Milliseconds. */
const sampleMs = 250

/**
 * Runs one contender in a process of its own and measures it from outside, by this process's clock and the system's books.
 *
 * It prints `ready`, and starts when it gets a line; prints `first` and `done`; and ends when its input ends, so that
 * what it used can be read while it is still there. See `contend.ts`.
 */
export async function measure(
  { file, args, env = {} }: Command,
  cwd: string,
  { server, onSample }: MeasureOptions = {},
): Promise<Measurement> {
  const startedAt = performance.now()
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, timeout: timeoutMs, killSignal: 'SIGKILL' })
  const closed = once(child, 'close')
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk).slice(-4_000)
  })
  // A contender that is dead takes no line any more; how it ended is told below.
  child.stdin.on('error', () => {})

  const at = new Map<string, number>()
  const peaks = new Map<number, number>()
  const look = async (): Promise<Usage | undefined> => {
    const usage = await readUsage(child.pid as number)
    for (const [pid, peak] of usage?.peakMb ?? []) peaks.set(pid, Math.max(peak, peaks.get(pid) ?? 0))
    return usage
  }
  const sampling = setInterval(async () => {
    const usage = await look()
    if (usage && at.has('go') && !at.has('done')) onSample?.(usage)
  }, sampleMs)
  let before: Usage | undefined
  let after: Usage | undefined
  let requests: number | undefined
  let rows: number | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const now = performance.now()
    const [word = '', count] = line.split(' ')
    if (word === 'ready') {
      before = await look()
      await server?.requests()
      at.set('go', performance.now())
      child.stdin.write('go\n')
    } else if (word === 'done') {
      at.set(word, now)
      after = await look()
      requests = await server?.requests()
      if (count !== undefined) rows = Number(count)
      child.stdin.end()
    } else if (word === 'first') {
      at.set(word, now)
    } else {
      errors += `${line}\n`
    }
  }
  const [code, signal] = await closed
  clearInterval(sampling)
  const processSeconds = (performance.now() - startedAt) / 1_000
  const { go, first, done } = Object.fromEntries(at)
  if (code !== 0 || go === undefined || done === undefined) {
    throw new Error(`${file} ${args.join(' ')} ended with ${signal ?? code}\n${errors}`)
  }
  return {
    seconds: (done - go) / 1_000,
    processSeconds,
    ...(first !== undefined && { firstRowMs: first - go }),
    ...(before && after && { cpuSeconds: after.cpuSeconds - before.cpuSeconds }),
    ...(peaks.size > 0 && { peakMb: [...peaks.values()].reduce((sum, peak) => sum + peak, 0) }),
    ...(requests !== undefined && { requests }),
    ...(rows !== undefined && { rows }),
  }
}
