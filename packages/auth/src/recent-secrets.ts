import type { Secret } from '@millrace/core'

/** Secrets that come and go. The last few are kept, so that no late answer shows one that is out of use. */
export interface RecentSecrets {
  readonly all: readonly Secret[]
  add(secret: Secret): void
}

/** Memory: the last `count` that differ. */
export function createRecentSecrets(count: number): RecentSecrets {
  let all: readonly Secret[] = []
  return Object.freeze({
    get all() {
      return all
    },
    add: (secret: Secret): void => {
      const others = all.filter((each) => each.reveal() !== secret.reveal())
      all = [...others, secret].slice(-count)
    },
  })
}
