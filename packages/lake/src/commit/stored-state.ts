import { MillraceError } from '@millrace/core'
import type { Checkpoint, RootRef, StreamState, TableRef } from '@millrace/pipeline'
import type { Snapshot } from '../delta/snapshot.ts'

/** A stream's checkpoint as it lies in the table's properties, beside the rows it belongs to. */
export interface StoredState extends StreamState {
  readonly checkpoint: Checkpoint
  /** Of a table of nested rows. */
  readonly root: RootRef | undefined
}

const prefix = 'millrace.state.'
const format = 1

/** Who commits, in Delta's words: the same for every run of a stream, and for no other stream. */
export function appId(pipeline: string, stream: string): string {
  return `${encodeName(pipeline)}/${encodeName(stream)}`
}

/** The table property that holds a stream's state. A property and not a file: it changes in the same commit as the rows. */
export function stateKey(pipeline: string, stream: string): string {
  return prefix + appId(pipeline, stream)
}

export function formatState(run: string, { root }: TableRef, checkpoint: Checkpoint, committedAt: string): string {
  return JSON.stringify({ format, run, committedAt, ...checkpoint, ...(root && { root }) })
}

/** One stream's state in a table; undefined where the stream never committed to it. */
export function readState(snapshot: Snapshot, table: string, key: string): StoredState | undefined {
  const { configuration } = snapshot.metadata
  const text = Object.hasOwn(configuration, key) ? configuration[key] : undefined
  return text === undefined ? undefined : parseState(text, table, key)
}

/** All states in a table, of whatever pipeline. */
export function readStates(
  snapshot: Snapshot,
  table: string,
): readonly { readonly pipeline: string; readonly stream: string; readonly state: StoredState }[] {
  return Object.entries(snapshot.metadata.configuration).flatMap(([key, text]) => {
    if (!key.startsWith(prefix)) return []
    const [pipeline, stream] = key.slice(prefix.length).split('/')
    if (pipeline === undefined || stream === undefined) return []
    return [{ pipeline: decodeName(pipeline), stream: decodeName(stream), state: parseState(text, table, key) }]
  })
}

/** State is data from a file that anybody may have edited: nothing but the expected shape is taken. */
function parseState(text: string, table: string, key: string): StoredState {
  let stored: unknown
  try {
    stored = JSON.parse(text)
  } catch {
    stored = undefined
  }
  if (isObject(stored) && stored['format'] === format) {
    const { run, committedAt, position, pages, rows, root } = stored
    if (
      typeof run === 'string' &&
      typeof committedAt === 'string' &&
      isObject(position) &&
      typeof pages === 'number' &&
      typeof rows === 'number'
    ) {
      const at = position as Checkpoint['position']
      return { table, run, committedAt, position: at, checkpoint: { position: at, pages, rows }, root: rootOf(root) }
    }
  }
  throw new MillraceError(
    'E_CORRUPT',
    `the state of a stream in table ${table} cannot be read (property "${key}"); it was written by another version, or edited`,
    { context: { table } },
  )
}

function rootOf(root: unknown): RootRef | undefined {
  if (!isObject(root)) return undefined
  const { stream, table } = root
  return typeof stream === 'string' && typeof table === 'string' ? { stream, table } : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The slash stands between the two names, so it must not be in one. */
function encodeName(name: string): string {
  return name.replaceAll('%', '%25').replaceAll('/', '%2F')
}

function decodeName(name: string): string {
  return name.replaceAll('%2F', '/').replaceAll('%25', '%')
}
