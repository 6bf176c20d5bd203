import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'

/** Longest that one answer may take, milliseconds: Spark's first one starts a Java machine and fetches its jars. */
const answerTimeoutMs = 300_000

/**
 * A Python process that answers questions, one after the other, because starting one per question takes half a second.
 *
 * It ends with this process, or by {@link PythonProcess.close}.
 */
export class PythonProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  readonly #reader: Interface
  #output = ''
  #queue: Promise<unknown> = Promise.resolve()

  constructor(python: string, script: string) {
    // Where a stack was in Rust says nothing here, and is long.
    this.#child = spawn(python, [script], { env: { ...process.env, RUST_BACKTRACE: '0' } })
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-10_000)
    })
    // What was written to a process that is gone shows in the answer that does not come.
    this.#child.stdin.on('error', () => {})
    this.#reader = createInterface({ input: this.#child.stdout })
    this.#lines = this.#reader[Symbol.asyncIterator]()
  }

  /** @throws {Error} with what Python raised. */
  ask<Answer>(question: string, about: Readonly<Record<string, unknown>>): Promise<Answer> {
    const answer = this.#queue.then(() => this.#ask<Answer>(question, about))
    this.#queue = answer.catch(() => {})
    return answer
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve))
    this.#reader.close()
    this.#child.stdin.end()
    if (this.#child.exitCode === null) await ended
  }

  async #ask<Answer>(question: string, about: Readonly<Record<string, unknown>>): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify({ ask: question, ...about })}\n`)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), answerTimeoutMs)
    const { value, done } = await this.#lines.next()
    clearTimeout(timer)
    if (done) throw new Error(`Python ended instead of answering "${question}"\n${this.#output}`)
    const { answer, error, trace } = JSON.parse(value) as { answer: Answer; error?: string; trace?: string }
    if (error !== undefined) throw new Error(`${question}: ${error}\n${trace}`)
    return answer
  }
}
