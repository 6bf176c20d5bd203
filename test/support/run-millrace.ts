import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const unprivileged = fileURLToPath(new URL('./unprivileged-millrace.js', import.meta.url))
const bin = fileURLToPath(new URL('../../../node_modules/.bin/millrace', import.meta.url))

export interface CommandResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly done: Promise<CommandResult>
  kill(signal: NodeJS.Signals): void
}

/** Starts the command line as a user has it: the linked binary, in a process of its own. */
export function startMillrace(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
  return start(bin, args, env)
}

function start(command: string, args: readonly string[], env: Readonly<Record<string, string>>): RunningCommand {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const done = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return { done, kill: (signal) => void child.kill(signal) }
}

/** Runs the command line to its end. */
export function millrace(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  return startMillrace(args, env).done
}

/** Runs the command line as a user without special rights, whoever runs the tests. */
export function millraceUnprivileged(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return start(process.execPath, [unprivileged, ...args], env).done
}
