import { cli } from 'millrace'

/**
 * The command line as a user without special rights: to root no folder is closed. Everything is loaded before the rights
 * are given up, since the checkout may lie where only root can read.
 */
const nobody = 65_534
if (process.getuid?.() === 0) {
  process.setgid?.(nobody)
  process.setuid?.(nobody)
}
process.exitCode = await cli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  stop: new AbortController().signal,
  signal: new AbortController().signal,
})
