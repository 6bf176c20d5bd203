import { writeSync } from 'node:fs'

export interface Task {
  /** Of the API, without the path. */
  readonly url: string
  /** Rows per page. */
  readonly limit: number
  /** Where the result goes. */
  readonly folder: string
  /** Called with each page as it is there, parsed; only the first time counts. */
  page(): void
}

/**
 * The side of a contender that is measured from outside, see `measure.ts`. It prints `ready` once everything is imported,
 * waits for a line, does the job, prints `done` and the rows it loaded, and stays until its input ends.
 */
export async function contend(job: (task: Task) => Promise<number>): Promise<void> {
  const [url = '', limit, folder = ''] = process.argv.slice(2)
  const input = process.stdin[Symbol.asyncIterator]()
  let hasRows = false
  say('ready')
  await input.next()
  const rows = await job({
    url,
    limit: Number(limit),
    folder,
    page: () => {
      if (!hasRows) say('first')
      hasRows = true
    },
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
