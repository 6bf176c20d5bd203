import { type Discard, valueExcerpt } from '@millrace/arrow'

/** Rows or values that a contract dropped for one reason. */
export interface Discards {
  readonly dropped: Discard['dropped']
  readonly reason: Discard['reason']
  /** Missing where there is no table. */
  readonly column?: string
  readonly count: number
  /** The first of them: the value that was dropped, or for which its row was, as JSON and cut where it is long. */
  readonly sample?: string
}

/** One entry for each kind, in order of first appearance. */
export function groupDiscards(discards: readonly Discard[]): readonly Discards[] {
  const groups = new Map<string, Discards>()
  for (const { dropped, reason, column, value } of discards) {
    const key = JSON.stringify([dropped, reason, column])
    const first: Discards = {
      dropped,
      reason,
      ...(column !== undefined && { column }),
      count: 0,
      ...(value !== undefined && { sample: valueExcerpt(value) }),
    }
    const group = groups.get(key) ?? first
    groups.set(key, { ...group, count: group.count + 1 })
  }
  return [...groups.values()]
}
