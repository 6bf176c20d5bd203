import { Interrupted } from './interrupted.ts'

/** Longest that a run has to finish the page under way. A supervisor kills after 10 s, and an impatient person before that. */
const graceMs = 4_000

/** Longest for all of it. What cannot be given up, such as a commit, is left as it is: the next run ends it. */
const mostMs = 4_700

// Before all else is loaded, which takes a while: the first signal stops in order, the second at once.
const stop = new AbortController()
const abort = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const interrupted = new Interrupted(signal)
    if (stop.signal.aborted) process.exit(interrupted.exitCode)
    stop.abort(interrupted)
    setTimeout(() => abort.abort(interrupted), graceMs).unref()
    setTimeout(() => {
      process.stderr.write(`millrace: ${interrupted.message}\n`)
      process.exit(interrupted.exitCode)
    }, mostMs).unref()
  })
}
// `millrace show … | head` closes our standard output; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const { cli } = await import('./cli.ts')
process.exitCode = await cli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  stop: stop.signal,
  signal: abort.signal,
})
// A timer of a rate limit may still run, and nobody waits for it any more. What is written goes out before.
if (stop.signal.aborted) process.stdout.write('', () => process.stderr.write('', () => process.exit()))
