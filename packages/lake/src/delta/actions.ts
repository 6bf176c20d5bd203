import { MillraceError } from '@millrace/core'

/**
 * What a line of a Delta commit can say, as far as this library writes and reads it.
 *
 * @see Delta Lake protocol, "Actions"
 */
export interface Action {
  readonly protocol?: Protocol
  readonly metaData?: Metadata
  readonly add?: AddFile
  readonly remove?: RemoveFile
  readonly txn?: Transaction
  readonly commitInfo?: CommitInfo
}

/** Delta Lake protocol, "Protocol Evolution" */
export interface Protocol {
  readonly minReaderVersion: number
  readonly minWriterVersion: number
}

/** Delta Lake protocol, "Change Metadata" */
export interface Metadata {
  readonly id: string
  readonly name?: string
  readonly description?: string
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> }
  /** JSON in a string: see {@link toSchemaString}. */
  readonly schemaString: string
  readonly partitionColumns: readonly string[]
  readonly configuration: Readonly<Record<string, string>>
  readonly createdTime?: number
}

/** Delta Lake protocol, "Add File and Remove File" */
export interface AddFile {
  /** Relative to the table's folder, URL-encoded. */
  readonly path: string
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly size: number
  readonly modificationTime: number
  readonly dataChange: boolean
  /** JSON in a string: "Per-file Statistics". */
  readonly stats?: string
  /** Free of form. */
  readonly tags?: Readonly<Record<string, string>>
}

/** What other writers may leave out is optional. */
export interface RemoveFile {
  readonly path: string
  /** Milliseconds since 1970. */
  readonly deletionTimestamp?: number
  readonly dataChange: boolean
  readonly extendedFileMetadata?: boolean
  readonly partitionValues?: Readonly<Record<string, string | null>>
  readonly size?: number
}

/** Delta Lake protocol, "Transaction Identifiers" */
export interface Transaction {
  readonly appId: string
  readonly version: number
  readonly lastUpdated?: number
}

/** Delta Lake protocol, "Commit Provenance Information": free of form. */
export interface CommitInfo {
  readonly timestamp: number
  readonly operation: string
  readonly operationParameters: Readonly<Record<string, string>>
  readonly operationMetrics: Readonly<Record<string, string>>
  /** Set where the commit is written. */
  readonly engineInfo?: string
  readonly isBlindAppend: boolean
}

/** One JSON object a line, each with one action. */
export function formatActions(actions: readonly Action[]): string {
  return actions.map((action) => `${JSON.stringify(action)}\n`).join('')
}

/** @throws {MillraceError} `E_CORRUPT` naming file and line, and where there is no action at all. */
export function parseActions(text: string, path: string): readonly Action[] {
  const actions = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    let action: unknown
    try {
      action = JSON.parse(line)
    } catch (thrown) {
      throw corrupt(path, index, 'is not JSON', thrown)
    }
    if (typeof action !== 'object' || action === null) throw corrupt(path, index, 'is not a JSON object')
    checkAction(action, path, index)
    return [action as Action]
  })
  if (actions.length === 0) throw corrupt(path, 0, 'is missing')
  return actions
}

/** The fields whose absence would make a table silently wrong, with the type each has to be of. */
const required: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  protocol: { minReaderVersion: 'number', minWriterVersion: 'number' },
  metaData: { id: 'string', schemaString: 'string', partitionColumns: 'object', format: 'object' },
  add: { path: 'string', size: 'number' },
  remove: { path: 'string' },
  txn: { appId: 'string', version: 'number' },
}

/** @throws {MillraceError} `E_CORRUPT` naming file and line. */
export function checkAction(action: object, path: string, index: number): void {
  for (const [kind, value] of Object.entries(action) as [string, unknown][]) {
    const fields = Object.hasOwn(required, kind) ? required[kind] : undefined
    if (fields === undefined || value === null) continue
    for (const [name, type] of Object.entries(fields)) {
      const found: unknown = typeof value === 'object' ? Reflect.get(value, name) : undefined
      if (typeof found !== type || found === null)
        throw corrupt(path, index, `has a "${kind}" without a valid "${name}"`)
    }
  }
}

function corrupt(path: string, index: number, problem: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'E_CORRUPT',
    `line ${index + 1} of ${path} ${problem}; the table's log is damaged, restore it from a copy`,
    { context: { path, line: index + 1 }, cause },
  )
}
