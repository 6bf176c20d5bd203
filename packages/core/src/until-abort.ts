/**
 * The promise, or the rejection with `signal.reason` as soon as the signal aborts, also where the work behind the promise
 * pays no heed to the signal.
 */
export async function untilAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
  try {
    return await Promise.race([work, aborted])
  } catch (thrown) {
    throw signal.aborted ? signal.reason : thrown
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort)
  }
}
