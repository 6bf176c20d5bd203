import type { Row } from '@millrace/core'

/** A lake that other readers are to read as we do. */
export interface Scenario {
  /** Per table what each version holds. */
  readonly rows: Readonly<Record<string, readonly Version[]>>
  /** Readers that cannot read its newest version, for a reason that is theirs: what they say, which is tested, too. */
  readonly without?: Readonly<Record<string, RegExp>>
  make(folder: string): Promise<void>
}

/**
 * The rows of a version in any order, worked out by hand or by an oracle: what a row leaves out is null. Or how many there
 * are; undefined where the version can be read by nobody any more.
 */
export type Version = readonly Row[] | number | undefined

/** In place of the time at which a run found that a row is gone: that of its commit, which nobody knows beforehand. */
export const whenFound = '2000-01-01T00:00:00.000000Z'

export const byId = { disposition: 'merge', primaryKey: ['id'] } as const
