import { writeBytes } from '@millrace/core/node'

/** Writes to standard output thrice: what comes after a whole, and after a failure, must still get there. */
async function* pieces(text: string, failure?: Error): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
  if (failure) throw failure
}

const bytes = await writeBytes(process.stdout)(pieces('one, '))
await writeBytes(process.stdout)(pieces(`${bytes} bytes, `, new Error('boom'))).catch((thrown: Error) => {
  process.stdout.write(`failed: ${thrown.message}`)
})
