import { shortDigest } from '../short-digest.ts'
import type { ParentValues } from './parent-values.ts'

/** Parents remembered to be read for once. They are stored with every page: a thousand are about 20 kB. */
export const mostSeenParents = 1_000

/** Tells parents that were read for from new ones, among the last {@link mostSeenParents}. */
export interface UniqueParents {
  /** @param identity - Of `identityOf`. */
  isNew(identity: ParentValues): boolean
  /** What has to be stored, as it is now. */
  seen(): readonly string[]
}

export function createUniqueParents(before: readonly string[]): UniqueParents {
  const digests = new Set(before)
  return Object.freeze({
    isNew(identity: ParentValues): boolean {
      const digest = shortDigest(identity)
      const isNew = !digests.delete(digest)
      digests.add(digest)
      if (digests.size > mostSeenParents) for (const oldest of digests) return digests.delete(oldest) && isNew
      return isNew
    },
    seen: () => [...digests],
  })
}
