/** How fast a body has to come at least. */
export interface MinimumRate {
  /** 0 for no minimum. */
  readonly bytesPerSecond: number
  /** Looked at after each such time, milliseconds. */
  readonly overMs: number
}

/** A body that comes, but so slowly that it is given up. */
export class SlowBodyError extends Error {
  readonly code = 'ERR_SLOW_BODY'
}

export interface RateWatch {
  received(bytes: number): void
  /** Must be called: the timer would go on. */
  stop(): void
}

/**
 * Calls `tooSlow` where fewer bytes were received than the rate asks for. A server that sends a byte now and then never
 * trips a limit on silence.
 */
export function watchRate({ bytesPerSecond, overMs }: MinimumRate, tooSlow: (error: SlowBodyError) => void): RateWatch {
  let bytes = 0
  let isStopped = bytesPerSecond === 0
  function look(): void {
    if (!isStopped && bytes < (bytesPerSecond * overMs) / 1000) {
      tooSlow(new SlowBodyError(`fewer than ${bytesPerSecond} bytes a second`))
    }
    bytes = 0
  }
  // Sockets are read between timers and `setImmediate`: what came while this process was busy is counted first.
  const timer = isStopped ? undefined : setInterval(() => setImmediate(look), overMs)
  return {
    received: (more) => {
      bytes += more
    },
    stop: () => {
      isStopped = true
      clearInterval(timer)
    },
  }
}
