import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A process that lives so shortly is done before optimized code is; a quarter less work for two cores. */
const execArgv = ['--no-opt', '--max-lazy']

const script = fileURLToPath(new URL('./killed-run.js', import.meta.url))

export type KillMode = 'before' | 'after' | 'torn'

export interface KillOptions {
  readonly folder: string
  readonly url: string
  readonly mode?: KillMode
  /** Of the things it does. Missing: it does not kill itself. */
  readonly nth?: number
  /** Kills it so many milliseconds after it has begun. */
  readonly afterMs?: number
}

export interface KilledRun {
  readonly wasKilled: boolean
  /** What it told before it died. */
  readonly told: readonly string[]
}

/** Starts a run in a process of its own that kills itself, or is killed, in the middle of it. See `killed-run.ts`. */
export function killRun({ folder, url, mode = 'before', nth = 0, afterMs }: KillOptions): Promise<KilledRun> {
  return new Promise((resolve, reject) => {
    const child = fork(script, [folder, url, mode, String(nth)], { silent: true, execArgv })
    let told = ''
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      if (told === '' && afterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), afterMs)
      told += chunk.toString()
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.on('close', (code, signal) => {
      const result = { wasKilled: signal === 'SIGKILL', told: told.split('\n').slice(0, -1) }
      if (result.wasKilled || code === 0) resolve(result)
      else reject(new Error(`the run failed, and was not killed (${mode} ${nth}): ${output}`))
    })
  })
}
