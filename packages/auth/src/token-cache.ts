import { type Clock, type Emit, type Secret, systemClock, untilAbort } from '@millrace/core'
import type { ApplyContext } from '@millrace/http'
import { createRecentSecrets } from './recent-secrets.ts'

/** Part of a token's life after which it is renewed: late enough to use it, early enough for clocks that differ. */
export const renewalShare = 0.8

/** The token in use and the one before, with which requests may still be under way. */
const rememberedTokens = 2

export interface FetchedToken {
  readonly token: Secret
  /** For how long it is good, milliseconds from the moment it was asked for. */
  readonly lifeMs: number
}

export interface FetchContext {
  readonly signal: AbortSignal
  readonly emit?: Emit | undefined
}

/** One token for everybody who needs it. */
export interface TokenCache {
  /** A token that is good for now. However many ask, it is fetched once. */
  get(context?: ApplyContext): Promise<Secret>
  /** Drops the token in use if it is the one that is meant, and not a newer one already. */
  forget(isMeant: (token: Secret) => boolean): void
  /** The tokens that must not be seen. */
  readonly secrets: readonly Secret[]
}

export interface TokenCacheOptions {
  readonly clock?: Clock | undefined
  /** A token that is there already: used until it is forgotten. */
  readonly first?: Secret | undefined
}

interface InUse {
  readonly token: Secret
  /** Milliseconds since 1970. */
  readonly renewAt: number
}

interface Fetching {
  readonly done: Promise<Secret>
  readonly controller: AbortController
  waiting: number
}

/**
 * Keeps a token until {@link renewalShare} of its life is over, and fetches the next one when it is asked for.
 *
 * A fetch that fails is the failure of all who wait for it; who asks later starts a new one. One who aborts leaves the
 * others waiting, and the fetch is aborted when nobody is left.
 */
export function createTokenCache(
  fetch: (context: FetchContext) => Promise<FetchedToken>,
  options: TokenCacheOptions = {},
): TokenCache {
  const { clock = systemClock, first } = options
  const recent = createRecentSecrets(rememberedTokens)
  let inUse: InUse | undefined = first && { token: first, renewAt: Number.POSITIVE_INFINITY }
  let fetching: Fetching | undefined
  if (first) recent.add(first)

  async function fetchNext(context: FetchContext): Promise<Secret> {
    const askedAt = clock.now()
    const { token, lifeMs } = await fetch(context)
    recent.add(token)
    inUse = { token, renewAt: askedAt + lifeMs * renewalShare }
    return token
  }

  function start(emit: Emit | undefined): Fetching {
    const controller = new AbortController()
    const started = { done: fetchNext({ signal: controller.signal, emit }), controller, waiting: 0 }
    const end = (): void => {
      if (fetching === started) fetching = undefined
    }
    started.done.then(end, end)
    return started
  }

  async function get({ signal, emit }: ApplyContext = {}): Promise<Secret> {
    signal?.throwIfAborted()
    if (inUse && clock.now() < inUse.renewAt) return inUse.token
    fetching ??= start(emit)
    const joined = fetching
    joined.waiting += 1
    const leave = (): void => {
      joined.waiting -= 1
      if (joined.waiting > 0) return
      if (fetching === joined) fetching = undefined
      joined.controller.abort(signal?.reason)
    }
    signal?.addEventListener('abort', leave, { once: true })
    try {
      return await untilAbort(joined.done, signal)
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  return Object.freeze({
    get,
    forget: (isMeant: (token: Secret) => boolean): void => {
      if (inUse && isMeant(inUse.token)) inUse = undefined
    },
    get secrets() {
      return recent.all
    },
  })
}
