import { MillraceError } from '@millrace/core'
import { DataType, type Schema } from 'apache-arrow'
import { columnType } from './column-type.ts'
import { ownColumns } from './merge-columns.ts'
import type { MergeRules } from './merge-rules.ts'
import { aliasOf } from './typed-scan.ts'

/** A column of a key. */
export interface KeyColumn {
  /** Its name in the files. Missing where it is made of all columns. */
  readonly name?: string
  /** `k0`, `k1` … in temporary tables. */
  readonly alias: string
  /** Its value, as SQL over a `typedScan`. */
  readonly value: string
  readonly type: string
}

export type KeyKind = 'primary key' | 'merge key'

/** @throws {MillraceError} `E_KEY_MISSING` where the schema lacks a key column, `E_KEY_TYPE` for a struct or list. */
export function keyColumns(schema: Schema, names: readonly string[], kind: KeyKind): readonly KeyColumn[] {
  return names.map((name, index) => {
    const value = aliasOf(schema, name)
    if (value === undefined) {
      throw new MillraceError('E_KEY_MISSING', `no row has a value in its ${kind} "${name}": there is no such column`, {
        context: { column: name, row: 0 },
      })
    }
    const prefix = kind === 'primary key' ? 'k' : 'm'
    return { name, alias: `${prefix}${index}`, value, type: singleType(schema, name, kind) }
  })
}

/** The DuckDB type of a column that is compared or sorted by. */
export function singleType(schema: Schema, name: string, what: string): string {
  const field = schema.fields.find((each) => each.name === name)
  if (!field) {
    throw new MillraceError('E_COLUMN_MISSING', `there is no column "${name}", and it is the ${what}`, {
      context: { column: name },
    })
  }
  if (DataType.isStruct(field.type) || DataType.isList(field.type)) {
    throw new MillraceError(
      'E_KEY_TYPE',
      `${what} "${name}" is of type ${field.type}; it has to be a single value, choose another column`,
      { context: { column: name } },
    )
  }
  return columnType(field.type, name)
}

/** A key of rows that have none: a digest of all that they bring. Rows with the same values are the same row. */
export function digestKey(schema: Schema, rules: MergeRules): readonly KeyColumn[] {
  const own = new Set(ownColumns(rules))
  const values = schema.fields.flatMap(({ name }, index) => (own.has(name) ? [] : [`c${index} := c${index}`]))
  return [
    { alias: 'k0', value: `sha256(CAST(to_json(struct_pack(${values.join(', ')})) AS VARCHAR))`, type: 'VARCHAR' },
  ]
}

/** `k0, k1`. */
export function aliases(keys: readonly KeyColumn[]): string {
  return keys.map(({ alias }) => alias).join(', ')
}

/** `c3 AS k0, c1 AS k1`. */
export function values(keys: readonly KeyColumn[]): string {
  return keys.map(({ alias, value }) => `${value} AS ${alias}`).join(', ')
}
