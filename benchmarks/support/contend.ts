import { writeSync } from 'node:fs'

/**
 * The side of a contender that is measured from outside, see `measure.ts`. It prints `ready` once everything is imported,
 * waits for a line, does the job, prints `done` and the rows it loaded, and stays until its input ends.
 *
 * @param job - Gets what stands on its command line, and what to call when its first rows are there; only the first time
 *   counts. Gives the rows it loaded.
 */
export async function contend(job: (args: readonly string[], first: () => void) => Promise<number>): Promise<void> {
  const input = process.stdin[Symbol.asyncIterator]()
  let hasRows = false
  say('ready')
  await input.next()
  const rows = await job(process.argv.slice(2), () => {
    if (!hasRows) say('first')
    hasRows = true
  })
  say(`done ${rows}`)
  await input.next()
  // Sockets that are kept alive would hold the process for seconds.
  process.exit()
}

/** At once: a line that waits for the event loop is late. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}
