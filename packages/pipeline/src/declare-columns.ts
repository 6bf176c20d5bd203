import { namingOf } from '@millrace/arrow'
import { MillraceError } from '@millrace/core'
import { type DataType, Field, List, Schema, Struct } from 'apache-arrow'
import { asSchema, type SchemaHints } from './schema-hints.ts'

export interface DeclareColumnsOptions {
  readonly hints: SchemaHints
  /** Columns that the table has. */
  readonly present: Schema | undefined
  readonly table: string
}

/**
 * The columns that are declared for a stream's own table, as its rows will name them; undefined where none are.
 *
 * @throws {MillraceError} `E_SCHEMA_CONFLICT` where the table has a declared column otherwise; `E_SCHEMA` for a declared struct
 * or list of which `nested: 'tables'` makes no column.
 */
export function declareColumns({ hints, present, table }: DeclareColumnsOptions): Schema | undefined {
  const declared = declaredColumns(hints)
  for (const { name, type, nullable } of declared?.fields ?? []) {
    const field = present?.fields.find((each) => each.name === name)
    if (field && String(field.type) !== String(type)) {
      throw conflict(table, name, `is of type ${field.type}`, `of type ${type}`)
    }
    if (nullable || !present || field?.nullable === false) continue
    if (field) throw conflict(table, name, 'is one that may be null', 'one that may not')
    throw conflict(table, name, 'is missing in the rows that are there', 'one that may not be null')
  }
  return declared
}

function declaredColumns({ columns, names = 'keep', nested = 'native' }: SchemaHints): Schema | undefined {
  if (columns === undefined) return undefined
  const schema = asSchema(columns)
  const whole = nested === 'tables' ? schema.fields.find(({ type }) => isNested(type)) : undefined
  if (whole) {
    throw new MillraceError(
      'E_SCHEMA',
      `column "${whole.name}" is declared as ${whole.type}, and nested: "tables" makes other columns of it; declare those (${whole.name}__…), or choose nested: "native"`,
      { context: { column: whole.name } },
    )
  }
  const naming = namingOf(names)
  // What is inside of JSON text keeps its names, and a column that is declared as a struct is none.
  return new Schema(
    schema.fields.map((field) => renamed(field, naming)),
    schema.metadata,
  )
}

function isNested(type: DataType): boolean {
  return type instanceof Struct || type instanceof List
}

function renamed(field: Field, naming: (key: string) => string): Field {
  return new Field(naming(field.name), renamedType(field.type, naming), field.nullable, field.metadata)
}

function renamedType(type: DataType, naming: (key: string) => string): DataType {
  if (type instanceof Struct) return new Struct(type.children.map((field: Field) => renamed(field, naming)))
  const item: Field | undefined = type instanceof List ? type.children[0] : undefined
  return item ? new List(new Field(item.name, renamedType(item.type, naming), item.nullable, item.metadata)) : type
}

function conflict(table: string, column: string, present: string, declared: string): MillraceError {
  return new MillraceError(
    'E_SCHEMA_CONFLICT',
    `column "${column}" of table "${table}" ${present}, and is declared as ${declared}; a column keeps what it is: declare that, give the column another name, or start a new table`,
    { context: { table, column } },
  )
}
