import { MillraceError } from '@millrace/core'
import type { ClientSettings } from './call.ts'
import type { Judge, Verdict } from './judge.ts'
import type { Reading } from './read-answer.ts'
import type { Answer } from './send.ts'

const verdicts: ReadonlySet<unknown> = new Set(['ignore', 'retry', 'fail', 'refresh_auth'] satisfies Verdict[])

/**
 * The verdict of the caller's code about an answer.
 *
 * @throws {MillraceError} `E_RESPONSE_RULE`, where it throws or gives what is no verdict.
 */
export function askJudge(
  judge: Judge,
  answer: Answer,
  reading: Reading,
  { redaction }: ClientSettings,
): Verdict | undefined {
  const { method, url, status, headers } = answer
  const failure = (remark: string, cause?: Error): MillraceError =>
    new MillraceError('E_RESPONSE_RULE', `${method} ${url} answered ${status}, and the rule about it ${remark}`, {
      context: { method, url, status },
      cause,
    })
  let verdict: unknown
  try {
    verdict = judge({
      status,
      headers,
      url,
      get body() {
        return reading.body()
      },
      get text() {
        return reading.text()
      },
    })
  } catch (thrown) {
    const cause = redaction.cause(thrown)
    throw failure(`failed: ${cause.message}`, cause)
  }
  if (verdict === undefined || isVerdict(verdict)) return verdict
  // What an asynchronous function fails with later is of no interest, and must not end the process.
  if (verdict instanceof Promise) verdict.catch(() => {})
  throw failure(
    'gave neither "ignore", "retry", "fail", "refresh_auth", { body } nor undefined; it must answer at once',
  )
}

function isVerdict(value: unknown): value is Verdict {
  return (
    verdicts.has(value) || (typeof value === 'object' && value !== null && 'body' in value && value.body !== undefined)
  )
}
