import { suite } from 'uvu'
import { checkMergeHistories, historiesPerTable } from './merge-history.ts'
import type { DestinationPlace } from './test-destination.ts'

/** Tables that share a place, and a run. */
const tablesPerPlace = 10

/**
 * What every destination that merges has to do: the same as an oracle that works it out row by row.
 *
 * @param histories - A multiple of {@link historiesPerTable}.
 */
export function testMerges(name: string, createPlace: () => Promise<DestinationPlace>, histories = 2_000): void {
  const it = suite(`merges of ${name}`)
  const tables = Array.from({ length: histories / historiesPerTable }, (_, index) => index + 1)
  it(`equal an oracle after ${histories} random histories by every strategy`, async () => {
    for (let from = 0; from < tables.length; from += tablesPerPlace) {
      const place = await createPlace()
      try {
        await checkMergeHistories(place, tables.slice(from, from + tablesPerPlace))
      } finally {
        await place.remove()
      }
    }
  })
  it.run()
}
