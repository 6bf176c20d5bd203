import type { Vector } from 'apache-arrow'
import { type Answer, createAnswer } from './answer.ts'

/** Columns of one page by name, in whatever types somebody gave them. */
export type Columns = ReadonlyMap<string, Vector>

/** What columns come to, page by page, read value by value through apache-arrow's own vectors. */
export function answerOfColumns(pages: Iterable<Columns>): Answer {
  const { add, answer } = createAnswer()
  for (const columns of pages) {
    const [first] = columns.values()
    for (let row = 0; row < (first?.length ?? 0); row++) {
      add(Object.fromEntries([...columns].map(([name, vector]) => [name, asRowValue(name, vector.get(row))])))
    }
  }
  return answer()
}

/** A time that became a timestamp comes as milliseconds; in a row it is text. */
function asRowValue(name: string, value: unknown): unknown {
  return name.endsWith('_at') && typeof value === 'number' ? new Date(value).toISOString() : value
}
