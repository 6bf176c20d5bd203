import { authError } from './auth-error.ts'
import type { OutgoingRequest } from './authenticator.ts'
import type { Call, ClientSettings } from './call.ts'
import type { Conclusion } from './conclusion.ts'

/** One sending of a call, redirects included. */
export type SendCall = (call: Call, number: number) => Promise<Conclusion>

/**
 * Attempts that renew credentials where they were refused, and send again at once. Once per call: a server that refuses
 * what it has just given out would do so for ever.
 */
export function renewOnce(
  first: Call,
  { auth, emit, redaction }: ClientSettings,
  send: SendCall,
): (number: number) => Promise<Conclusion> {
  let call = first

  function forget(refused: OutgoingRequest): void {
    try {
      auth?.renew?.(refused)
    } catch (thrown) {
      throw auth ? authError(auth, thrown, redaction) : thrown
    }
  }

  return async (number) => {
    const conclusion = await send(call, number)
    if (!conclusion.failure || !conclusion.refused || call.isRenewed) return conclusion
    call = { ...call, isRenewed: true }
    forget(conclusion.refused)
    emit({ type: 'retry', reason: conclusion.failure.message, attempt: number, waitMs: 0 })
    return send(call, number)
  }
}
