import type { ObjectEntry, ObjectStore } from '../store/object-store.ts'
import { isOfVersion, logFolder, versionDigits } from './log-names.ts'

/** What there is of a log. */
export interface LogListing {
  /** Commits, oldest first. */
  readonly commits: readonly LogEntry[]
  /** Whole checkpoints that this library reads, oldest first. */
  readonly checkpoints: readonly CheckpointEntry[]
  /** Whether there is a checkpoint that it does not read. */
  readonly hasOtherCheckpoints: boolean
  /** All files that belong to a version, whatever they are. */
  readonly files: readonly LogEntry[]
}

export interface LogEntry extends ObjectEntry {
  readonly version: number
}

export interface CheckpointEntry {
  readonly version: number
  /** Relative to the folder of the log: one, or all parts in their order. */
  readonly names: readonly string[]
}

/** False for what a commit that never came to be can leave behind. */
export function hasVersions({ commits, checkpoints, hasOtherCheckpoints }: LogListing): boolean {
  return commits.length > 0 || checkpoints.length > 0 || hasOtherCheckpoints
}

/** The log of a table from a version on. */
export async function listLog(table: ObjectStore, from: number): Promise<LogListing> {
  const entries = await table.list(logFolder, { after: versionDigits(from) })
  const files = entries.flatMap((entry): LogEntry[] =>
    isOfVersion(entry.name) ? [{ ...entry, version: Number.parseInt(entry.name, 10) }] : [],
  )
  const others = /^\d{20}\.checkpoint\.[^.]+-[^.]+\.(?:json|parquet)$/
  return {
    commits: files.filter(({ name }) => /^\d{20}\.json$/.test(name)),
    checkpoints: checkpointsAmong(files),
    hasOtherCheckpoints: files.some(({ name }) => others.test(name)),
    files,
  }
}

/**
 * Of several checkpoints of a version one is as good as the other.
 *
 * @see Delta Lake protocol, "Checkpoint Naming Scheme"
 */
function checkpointsAmong(files: readonly LogEntry[]): readonly CheckpointEntry[] {
  const found = new Map<number, CheckpointEntry>()
  const parts = new Map<string, string[]>()
  for (const { name, version } of files) {
    if (/^\d{20}\.checkpoint\.parquet$/.test(name)) found.set(version, { version, names: [name] })
    const [, count] = /^\d{20}\.checkpoint\.\d{10}\.(\d{10})\.parquet$/.exec(name) ?? []
    if (count === undefined) continue
    const key = `${version} ${count}`
    const names = [...(parts.get(key) ?? []), name]
    parts.set(key, names)
    if (names.length === Number.parseInt(count, 10) && !found.has(version)) found.set(version, { version, names })
  }
  return [...found.values()].sort((a, b) => a.version - b.version)
}

/**
 * The versions that can be read from what there is, oldest first: those with a checkpoint, and those with a commit that
 * follows one of them or is the first.
 */
export function readableVersions({ commits, checkpoints }: LogListing): readonly number[] {
  const starts = new Set(checkpoints.map(({ version }) => version))
  const steps = new Set(commits.map(({ version }) => version))
  const readable = new Set<number>()
  for (const version of [...new Set([...starts, ...steps])].sort((a, b) => a - b)) {
    const follows = steps.has(version) && (version === 0 || readable.has(version - 1))
    if (starts.has(version) || follows) readable.add(version)
  }
  return [...readable]
}

/** Versions as a person writes them: `0 to 3, 10 to 25`. */
export function formatVersions(versions: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const version of versions) {
    const last = ranges.at(-1)
    if (last && last[1] === version - 1) last[1] = version
    else ranges.push([version, version])
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from} to ${to}`)).join(', ')
}
