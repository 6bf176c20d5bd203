/** A signal that fires when one of two does. */
export interface EitherSignal {
  readonly signal: AbortSignal | undefined
  /** Must be called: the listeners would outlive the request. */
  clear(): void
}

/** Not `AbortSignal.any`: on Node 20 a signal that lives as long as the run would collect one follower per request. */
export function eitherSignal(first: AbortSignal | undefined, second: AbortSignal | undefined): EitherSignal {
  if (first === undefined || second === undefined) return { signal: first ?? second, clear: () => {} }
  const controller = new AbortController()
  const followed = [first, second].map((each) => {
    const follow = (): void => controller.abort(each.reason)
    if (each.aborted) follow()
    each.addEventListener('abort', follow, { once: true })
    return () => each.removeEventListener('abort', follow)
  })
  return {
    signal: controller.signal,
    clear: () => {
      for (const leave of followed) leave()
    },
  }
}
