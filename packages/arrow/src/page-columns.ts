import type { Row } from '@millrace/core'
import { type Data, type DataType, Field, type RecordBatch, type Schema } from 'apache-arrow'
import { buildColumn } from './builders/build-column.ts'
import type { Discard } from './discard.ts'
import { makeBatch } from './make-batch.ts'
import { nullData } from './null-data.ts'
import { withType } from './wider-type.ts'

/** The columns of one page while they are made: thrown away as a whole where one of them fails. */
export class PageColumns {
  readonly rows: readonly Row[]
  /** In order of first appearance. */
  readonly added: Field[] = []
  readonly discards: Discard[] = []
  readonly #known: ReadonlyMap<string, Field>
  /** By name: known columns whose objects have more members now. */
  readonly widened: Map<string, Field> = new Map()
  readonly #new = new Map<string, Field>()
  readonly #data = new Map<string, Data>()

  constructor(rows: readonly Row[], known: ReadonlyMap<string, Field>) {
    this.rows = rows
    this.#known = known
  }

  field(name: string): Field | undefined {
    return this.widened.get(name) ?? this.#known.get(name) ?? this.#new.get(name)
  }

  type(name: string): DataType | undefined {
    return this.field(name)?.type
  }

  add(name: string, type: DataType): void {
    const field = new Field(name, type, true)
    this.#new.set(name, field)
    this.added.push(field)
  }

  widen(field: Field, type: DataType): void {
    this.widened.set(field.name, withType(field, type))
  }

  set(name: string, data: Data): void {
    this.#data.set(name, data)
  }

  /** Of values that all fit. */
  setValues(name: string, type: DataType, values: readonly unknown[]): void {
    const data = buildColumn(type, { rows: values, key: undefined }, false)
    if (data === undefined) throw new Error(`column "${name}" of type ${type} was given a value that does not fit it`)
    this.set(name, data)
  }

  data(name: string): Data | undefined {
    return this.#data.get(name)
  }

  toBatch(schema: Schema): RecordBatch {
    const { length } = this.rows
    const children = schema.fields.map(({ name, type }) => this.#data.get(name) ?? nullData(type, length))
    return makeBatch(schema, length, children)
  }
}
