import { cli } from './cli.ts'
import { Interrupted } from './interrupted.ts'

// The first signal stops in order; the second at once.
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const interrupted = new Interrupted(signal)
    if (stop.signal.aborted) process.exit(interrupted.exitCode)
    stop.abort(interrupted)
  })
}
// `millrace show … | head` closes our standard output; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await cli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: stop.signal,
})
