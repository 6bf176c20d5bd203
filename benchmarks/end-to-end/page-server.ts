import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer } from '../support/answer.ts'

export interface Shape {
  readonly pages: number
  readonly rowsPerPage: number
}

/** What the server says once it is ready. */
export interface Serving {
  readonly url: string
  /** Bytes of all bodies. */
  readonly bytes: number
  /** What the rows come to. */
  readonly answer: Answer
}

export interface PageServer extends Serving {
  readonly shape: Shape
  /** Requests since the last time somebody asked. */
  requests(): Promise<number>
  close(): Promise<void>
}

const script = fileURLToPath(new URL('./serve-pages.js', import.meta.url))

/** Starts the API that all contenders load from, in a process of its own, with all its pages in memory. */
export async function startPageServer(shape: Shape): Promise<PageServer> {
  const child = fork(script, [String(shape.pages), String(shape.rowsPerPage)])
  const exit = once(child, 'exit')
  const dead = exit.then(([code, signal]) => {
    throw new Error(`the page server ended with ${signal ?? code}`)
  })
  // Whoever waits for an answer is told; at other times nobody has to know.
  dead.catch(() => {})
  const answer = async <T>(): Promise<T> => {
    const waiting = new AbortController()
    try {
      const [value] = await Promise.race([once(child, 'message', { signal: waiting.signal }), dead])
      return value as T
    } finally {
      waiting.abort()
    }
  }

  const serving = await answer<Serving>()
  return {
    ...serving,
    shape,
    requests: () => {
      const answered = answer<number>()
      child.send('requests')
      return answered
    },
    close: async () => {
      child.disconnect()
      await exit
    },
  }
}
