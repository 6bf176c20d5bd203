import { wholeNumber } from '@millrace/core'
import type { EncodeOptions } from './parquet-encoder.ts'

const compressions: readonly unknown[] = ['zstd', 'snappy', 'gzip', 'none', undefined]
const dictionaries: readonly unknown[] = [true, false, 'auto', undefined]
const statisticsLevels: readonly unknown[] = ['page', 'rowGroup', 'none', undefined]

/** Refuses what is wrong with any encoder. @throws {RangeError} naming the option, and what it may be. */
export function checkOptions(options: EncodeOptions): void {
  for (const name of ['rowGroupRows', 'rowGroupBytes', 'pageBytes'] as const) {
    const value = options[name]
    if (value !== undefined) wholeNumber(name, value, 1)
  }
  oneOf('compression', options.compression, compressions)
  oneOf('dictionary', options.dictionary, dictionaries)
  oneOf('statistics', options.statistics, statisticsLevels)
}

function oneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return
  const names = allowed.filter((each) => each !== undefined).join(', ')
  throw new RangeError(`${name} must be one of ${names}, got ${String(value)} (${typeof value})`)
}
