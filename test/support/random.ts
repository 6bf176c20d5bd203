/** Random values that are the same on every run with the same seed. */
export interface Random {
  /** From 0 up to and not including 1. */
  next(): number
  /** A whole number, both ends included. */
  int(min: number, max: number): number
  /** True with the given probability. */
  chance(probability: number): boolean
  pick<T>(choices: readonly T[]): T
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[]
  /** Letters and digits, with now and then what trips parsers: quotes, separators, line breaks, non-ASCII. */
  string(length: number): string
  /** A moment between two others, to the millisecond. */
  date(from: Date, to: Date): Date
}

const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
const trouble = ['"', "'", '\\', ',', ';', '\n', '\t', '{', '%', 'ä', '漢', '🙂']

/** Mulberry32: 32 bits of state, good enough to make test data, and short enough to be seen through. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  const chance = (probability: number): boolean => next() < probability
  function pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError('pick: nothing to pick from')
    return choices[int(0, choices.length - 1)] as T
  }

  return {
    next,
    int,
    chance,
    pick,
    shuffle<T>(items: readonly T[]): T[] {
      const shuffled = [...items]
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = int(0, last)
        const held = shuffled[last] as T
        shuffled[last] = shuffled[other] as T
        shuffled[other] = held
      }
      return shuffled
    },
    string: (length) => Array.from({ length }, () => pick(chance(0.05) ? trouble : letters)).join(''),
    date: (from, to) => new Date(int(from.getTime(), to.getTime())),
  }
}
