import { MillraceError } from '@millrace/core'
import { exponential, retry } from '@millrace/retry'

let calls = 0
async function flaky(): Promise<string> {
  calls += 1
  if (calls < 3) throw new MillraceError('E_BUSY', 'the server is busy', { retryable: true })
  return 'an answer'
}

const answer = await retry(flaky, {
  maxRetries: 3,
  backoff: exponential({ baseMs: 10 }),
  emit: (event) => console.log(event),
})

console.log(`${answer} at attempt ${calls}`)
if (answer !== 'an answer' || calls !== 3) throw new Error('expected an answer at attempt 3')
