import type { Metadata } from './actions.ts'

/** Commits from one checkpoint to the next: Delta's own default. */
export const defaultCheckpointInterval = 10

const day = 86_400_000

/** What Delta has as defaults, in its own notation. */
const defaults = {
  'delta.deletedFileRetentionDuration': 'interval 1 week',
  'delta.logRetentionDuration': 'interval 30 days',
} as const

/** @see Delta Lake documentation, "Table properties reference" */
export function checkpointInterval({ configuration }: Metadata): number {
  const commits = Number(configuration['delta.checkpointInterval'] ?? defaultCheckpointInterval)
  return Number.isSafeInteger(commits) && commits > 0 ? commits : defaultCheckpointInterval
}

/** Milliseconds. What cannot be understood is kept for ever. */
export function retentionMs({ configuration }: Metadata, property: keyof typeof defaults): number {
  return parseInterval(configuration[property] ?? defaults[property]) ?? Number.POSITIVE_INFINITY
}

export function isLogCleanedUp({ configuration }: Metadata): boolean {
  return (configuration['delta.enableExpiredLogCleanup'] ?? 'true').toLowerCase() === 'true'
}

const units: Readonly<Record<string, number>> = {
  week: 7 * day,
  day,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
  microsecond: 0.001,
}

/** `interval 1 week 2 days`, as Spark writes the length of a time. Months and years, which have none, are not among them. */
function parseInterval(text: string): number | undefined {
  const [first, ...rest] = text.trim().toLowerCase().split(/\s+/)
  const words = first === 'interval' ? rest : [first ?? '', ...rest]
  if (words.length === 0 || words.length % 2 !== 0) return undefined
  let total = 0
  for (let index = 0; index < words.length; index += 2) {
    const [count = '', unit = ''] = words.slice(index, index + 2)
    const length = /^\d+$/.test(count) ? units[unit.replace(/s$/, '')] : undefined
    if (length === undefined) return undefined
    total += Number(count) * length
  }
  return total
}
