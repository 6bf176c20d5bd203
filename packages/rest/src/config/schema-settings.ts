import {
  type ColumnHint,
  defaultMaxNesting,
  fromStandardSchema,
  isArrowSchema,
  type SchemaContract,
  type SchemaMode,
  toSchema,
} from '@millrace/arrow'
import { errorMessage, type StandardSchema } from '@millrace/core'
import type { Disposition, SchemaHints } from '@millrace/pipeline'
import type { ConfigPath } from './respell.ts'
import type { ColumnConfig, ColumnsConfig, SchemaConfig, SchemaModeConfig } from './schema-config.ts'
import { camelCase, snakeCase } from './spelling.ts'

/** What a configuration says about the columns of a resource. */
export interface SchemaSettings {
  /** Undefined where it says nothing. */
  readonly schema: SchemaHints | undefined
  /** Columns that say of themselves that they belong to the primary key. */
  readonly primaryKey: readonly string[]
  /** Where it makes no sense, from the resource or from the defaults on. */
  readonly problems: readonly SchemaProblem[]
}

export interface SchemaProblem {
  readonly level: Level
  readonly at: ConfigPath
  readonly message: string
}

/** Of two settings that are not given at one level, that of the resource is the later word. */
type Level = 'resource' | 'defaults'

/** The settings of a resource over those of the defaults. Columns are merged one by one, hint by hint, as dlt does. */
export function schemaSettings(own: SchemaConfig, defaults: SchemaConfig, disposition: Disposition): SchemaSettings {
  const problems: SchemaProblem[] = []
  const { columns, primaryKey } = readColumns(own.columns, defaults.columns, problems)
  const nesting = readNesting(own, defaults, problems)
  const { schemaContract, names } = { ...defaults, ...own }
  if (nesting.nested === 'tables' && disposition === 'merge') {
    problems.push({
      level: own.nested === undefined ? 'defaults' : 'resource',
      at: ['nested'],
      message:
        'cannot be "tables" where rows are merged, not yet: take "native" or "json", or another write_disposition',
    })
  }
  const schema: SchemaHints = {
    ...(columns && { columns }),
    ...(schemaContract !== undefined && { contract: contractOf(schemaContract) }),
    ...nesting,
    ...(names !== undefined && { names }),
  }
  return { schema: Object.keys(schema).length > 0 ? schema : undefined, primaryKey, problems }
}

function contractOf(given: NonNullable<SchemaConfig['schemaContract']>): SchemaContract {
  // Both are given in either spelling.
  const modeOf = (mode: SchemaModeConfig): SchemaMode => camelCase(mode) as SchemaMode
  if (typeof given === 'string') return modeOf(given)
  return Object.fromEntries(Object.entries(given).map(([key, mode]) => [key, modeOf(mode)]))
}

function readNesting(
  own: SchemaConfig,
  defaults: SchemaConfig,
  problems: SchemaProblem[],
): Pick<SchemaHints, 'nested' | 'maxNesting'> {
  const nested = own.nested ?? defaults.nested
  const isSaidAgain = own.nested !== undefined && own.maxTableNesting === undefined
  const limit = own.maxTableNesting ?? defaults.maxTableNesting
  // What the resource says takes the place of a limit that the defaults have for something else.
  if (limit === undefined || (isSaidAgain && (nested !== 'tables' || limit === 0))) return { ...(nested && { nested }) }
  const level = own.maxTableNesting === undefined ? 'defaults' : 'resource'
  const wrong = (message: string): void => void problems.push({ level, at: ['maxTableNesting'], message })
  if (limit === 0) {
    if (nested === 'native') wrong('is 0, which is nested: "json", and nested is "native"')
    return { nested: 'json' }
  }
  if (nested !== 'tables')
    wrong('is the number of levels that nested: "tables" takes apart: say that too (0 is nested: "json")')
  if (limit > defaultMaxNesting) wrong(`must be at most ${defaultMaxNesting}`)
  return { nested: 'tables', maxNesting: limit }
}

/** A column, and where it stands in the configuration. */
interface FoundColumn {
  readonly hint: ColumnConfig
  readonly level: Level
  readonly at: ConfigPath
}

type ArrowSchema = ReturnType<typeof toSchema>

function readColumns(
  own: ColumnsConfig | undefined,
  defaults: ColumnsConfig | undefined,
  problems: SchemaProblem[],
): { readonly columns: SchemaHints['columns']; readonly primaryKey: readonly string[] } {
  const base = findColumns(defaults, 'defaults', problems)
  const over = findColumns(own, 'resource', problems)
  const found = base instanceof Map && over instanceof Map ? mergeColumns(base, over) : (over ?? base)
  if (!(found instanceof Map)) return { columns: found, primaryKey: [] }
  const columns: [string, ColumnHint][] = []
  const primaryKey: string[] = []
  for (const [name, { hint, level, at }] of found) {
    const { name: _, description: __, primaryKey: isKey, dataType, ...type } = hint
    if (isKey) primaryKey.push(name)
    const settings = Object.keys(type)
    if (dataType === undefined) {
      if (settings.length === 0) continue
      const message = `needs a data_type beside ${settings.map(snakeCase).join(', ')}`
      problems.push({ level, at, message })
      continue
    }
    const column: ColumnHint = { dataType, ...type }
    try {
      toSchema({ [name]: column })
      columns.push([name, column])
    } catch (thrown) {
      problems.push({ level, at, message: errorMessage(thrown) })
    }
  }
  return { columns: columns.length > 0 ? Object.fromEntries(columns) : undefined, primaryKey }
}

/** Columns by name; a schema where they are given as one. Undefined where there are none, or only wrong ones. */
function findColumns(
  columns: ColumnsConfig | undefined,
  level: Level,
  problems: SchemaProblem[],
): Map<string, FoundColumn> | ArrowSchema | undefined {
  if (columns === undefined || isArrowSchema(columns)) return columns
  if (isStandardSchema(columns)) {
    try {
      return fromStandardSchema(columns)
    } catch (thrown) {
      problems.push({ level, at: ['columns'], message: errorMessage(thrown) })
      return undefined
    }
  }
  const found = new Map<string, FoundColumn>()
  const entries: readonly (readonly [string | number, ColumnConfig])[] = Array.isArray(columns)
    ? [...(columns as readonly ColumnConfig[]).entries()]
    : Object.entries(columns)
  for (const [key, hint] of entries) {
    const at = ['columns', key]
    const name = typeof key === 'string' ? key : hint.name
    if (name === undefined) problems.push({ level, at, message: 'needs a name' })
    else if (found.has(name)) problems.push({ level, at, message: `there are two columns with the name "${name}"` })
    else if (hint.name !== undefined && hint.name !== name) {
      problems.push({ level, at: [...at, 'name'], message: `is another name than the key "${name}"` })
    } else found.set(name, { hint, level, at })
  }
  return found
}

function mergeColumns(
  base: ReadonlyMap<string, FoundColumn>,
  over: ReadonlyMap<string, FoundColumn>,
): Map<string, FoundColumn> {
  const merged = new Map(base)
  for (const [name, found] of over) {
    merged.set(name, { ...found, hint: { ...base.get(name)?.hint, ...found.hint } })
  }
  return merged
}

export function isStandardSchema(value: unknown): value is StandardSchema {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}
