/** A signal that fires when the time is over or the caller aborts, whichever is first, and can tell which it was. */
export interface Deadline {
  readonly signal: AbortSignal
  isOver(): boolean
  /** Must be called: the timer and the listener would outlive the attempt. */
  clear(): void
}

/** Not `AbortSignal.any`: on Node 20 a signal that lives as long as the run would collect one follower per request. */
export function startDeadline(ms: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  let isOver = false
  const follow = (): void => controller.abort(caller?.reason)
  if (caller?.aborted) follow()
  caller?.addEventListener('abort', follow, { once: true })
  const timer = setTimeout(() => {
    isOver = true
    controller.abort(new Error('the time for one attempt is over'))
  }, ms)
  return {
    signal: controller.signal,
    isOver: () => isOver,
    clear: () => {
      clearTimeout(timer)
      caller?.removeEventListener('abort', follow)
    },
  }
}
