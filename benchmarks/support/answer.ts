import { createHash } from 'node:crypto'
import type { Row } from '@millrace/core'

/**
 * What the rows of {@link makeRows} come to: counts, sums, and a digest of the ids. Whoever loads them has to come to the
 * same, whatever types it gave the columns.
 */
export type Answer = Readonly<Record<string, string>>

/** Floats are summed as whole numbers, so that the order of the rows is no matter. */
export const scale = { price: 100, score: 1_000_000 } as const

/** Times are counted from here on, so that their sums stay exact. */
export const epoch: number = Date.UTC(2026, 0, 1)

export interface AnswerInTheMaking {
  add(row: Row): void
  /** Ends it. */
  answer(): Answer
}

/** Takes rows as they come, since all of them at once may be more than fits in memory. */
export function createAnswer(): AnswerInTheMaking {
  const sums = new Map<string, number>()
  const ids = createHash('md5')
  const count = (name: string, more: number): unknown => sums.set(name, (sums.get(name) ?? 0) + more)

  return {
    add(row) {
      ids.update(`${sums.has('rows') ? ',' : ''}${row['id']}`)
      count('rows', 1)
      for (const name of ['id', 'account_id', 'quantity']) count(name, Number(row[name] ?? 0))
      for (const [name, factor] of Object.entries(scale)) count(name, Math.round(Number(row[name]) * factor))
      for (const name of ['is_active', 'is_verified']) count(name, row[name] === true ? 1 : 0)
      for (const name of ['account_id', 'is_verified', 'email', 'note'])
        count(`${name}_nulls`, row[name] === null ? 1 : 0)
      for (const name of ['country', 'email', 'note'])
        count(`${name}_bytes`, Buffer.byteLength(String(row[name] ?? '')))
      for (const name of ['created_at', 'updated_at']) count(`${name}_ms`, Date.parse(String(row[name])) - epoch)
    },
    answer() {
      const unsafe = [...sums].find(([, sum]) => !Number.isSafeInteger(sum))
      if (unsafe) throw new RangeError(`the sum of ${unsafe[0]} is too large to be exact: ${unsafe[1]}`)
      return { ...Object.fromEntries([...sums].map(([name, sum]) => [name, String(sum)])), ids: ids.digest('hex') }
    },
  }
}

export function answerOf(rows: Iterable<Row>): Answer {
  const { add, answer } = createAnswer()
  for (const row of rows) add(row)
  return answer()
}

/** What differs, one line for each, or an empty list. */
export function differences(found: Answer, expected: Answer): string[] {
  return Object.keys({ ...expected, ...found })
    .filter((name) => found[name] !== expected[name])
    .map((name) => `${name}: ${found[name]}, not ${expected[name]}`)
}
