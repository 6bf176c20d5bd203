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
import type { SchemaHints } from '@millrace/pipeline'
import type { ConfigPath } from './respell.ts'
import type { ColumnConfig, ColumnsConfig, SchemaConfig, SchemaModeConfig } from './schema-config.ts'
import { camelCase, snakeCase } from './spelling.ts'

/** What a configuration says about the columns of a resource. */
export interface SchemaSettings {
  /** Undefined where it says nothing. */
  readonly schema: SchemaHints | undefined
  /** What columns say of themselves beside their type. */
  readonly hints: KeyHints
  /** Where it makes no sense, from the resource or from the defaults on. */
  readonly problems: readonly SchemaProblem[]
}

/** Columns that say of themselves that they mean something to a merge, or to how the table is laid out. */
export interface KeyHints {
  readonly primaryKey: readonly string[]
  readonly mergeKey: readonly string[]
  readonly hardDelete: readonly ColumnPlace[]
  readonly dedupSort: readonly (ColumnPlace & { readonly order: 'asc' | 'desc' })[]
  readonly partition: readonly string[]
}

/** A column, and where in the configuration it says so. */
export interface ColumnPlace {
  readonly column: string
  readonly level: Level
  readonly at: ConfigPath
}

export interface SchemaProblem {
  readonly level: Level
  readonly at: ConfigPath
  readonly message: string
}

/** Of two settings that are not given at one level, that of the resource is the later word. */
export type Level = 'resource' | 'defaults'

/** The settings of a resource over those of the defaults. Columns are merged one by one, hint by hint, as dlt does. */
export function schemaSettings(own: SchemaConfig, defaults: SchemaConfig): SchemaSettings {
  const problems: SchemaProblem[] = []
  const { columns, hints } = readColumns(own.columns, defaults.columns, problems)
  const nesting = readNesting(own, defaults, problems)
  const { schemaContract, names } = { ...defaults, ...own }
  const schema: SchemaHints = {
    ...(columns && { columns }),
    ...(schemaContract !== undefined && { contract: contractOf(schemaContract) }),
    ...nesting,
    ...(names !== undefined && { names }),
  }
  return { schema: Object.keys(schema).length > 0 ? schema : undefined, hints, problems }
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
): { readonly columns: SchemaHints['columns']; readonly hints: KeyHints } {
  const base = findColumns(defaults, 'defaults', problems)
  const over = findColumns(own, 'resource', problems)
  const found = base instanceof Map && over instanceof Map ? mergeColumns(base, over) : (over ?? base)
  if (!(found instanceof Map)) return { columns: found, hints: noHints }
  const columns: [string, ColumnHint][] = []
  for (const [name, { hint, level, at }] of found) {
    const { dataType, nullable, precision, scale, timezone } = hint
    const type = Object.fromEntries(
      Object.entries({ nullable, precision, scale, timezone }).filter(([, value]) => value !== undefined),
    )
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
  return { columns: columns.length > 0 ? Object.fromEntries(columns) : undefined, hints: hintsOf(found) }
}

const noHints: KeyHints = { primaryKey: [], mergeKey: [], hardDelete: [], dedupSort: [], partition: [] }

function hintsOf(columns: ReadonlyMap<string, FoundColumn>): KeyHints {
  const all = [...columns]
  const place = (column: string, { level, at }: FoundColumn, key: string): ColumnPlace => ({
    column,
    level,
    at: [...at, key],
  })
  return {
    primaryKey: all.flatMap(([name, { hint }]) => (hint.primaryKey ? [name] : [])),
    mergeKey: all.flatMap(([name, { hint }]) => (hint.mergeKey ? [name] : [])),
    hardDelete: all.flatMap(([name, found]) => (found.hint.hardDelete ? [place(name, found, 'hardDelete')] : [])),
    dedupSort: all.flatMap(([name, found]) => {
      const { dedupSort: order } = found.hint
      return order === undefined ? [] : [{ ...place(name, found, 'dedupSort'), order }]
    }),
    partition: all.flatMap(([name, { hint }]) => (hint.partition ? [name] : [])),
  }
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
