import type { OptionValues } from './command.ts'
import { UsageError } from './usage-error.ts'

/** The text of `--name`, or undefined where it was not given. */
export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** The names in `--name a,b`, at least one. */
export function listOption(options: OptionValues, name: string): readonly string[] | undefined {
  const text = textOption(options, name)
  const names = text
    ?.split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
  if (names?.length === 0) throw new UsageError(`--${name} takes names with commas between them, got "${text}"`)
  return names
}

/** A whole number from 1. */
export function countOption(options: OptionValues, name: string): number | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new UsageError(`--${name} takes a whole number from 1, got "${text}"`)
  }
  return value
}

/** One of a few words. */
export function choiceOption<const Choice extends string>(
  options: OptionValues,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = textOption(options, name)
  const choice = choices.find((each) => each === text)
  if (text !== undefined && choice === undefined) {
    throw new UsageError(`--${name} takes ${choices.join(' or ')}, got "${text}"`)
  }
  return choice
}

/** A number from 0. */
export function amountOption(options: OptionValues, name: string): number | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) throw new UsageError(`--${name} takes a number from 0, got "${text}"`)
  return value
}

const unitBytes: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
}

/** A size such as `64MB`: a whole number of bytes from 1. */
export function bytesOption(options: OptionValues, name: string): number | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?) *([a-z]*)$/i.exec(text) ?? []
  const bytes = Math.trunc(Number(count) * (unitBytes[unit === '' ? 'b' : unit.toLowerCase()] ?? Number.NaN))
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new UsageError(`--${name} takes a size such as 64MB or 1GiB, got "${text}"`)
  }
  return bytes
}
