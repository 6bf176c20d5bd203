import type { DataType, Field } from 'apache-arrow'
import { buildColumn } from './builders/build-column.ts'
import { type Cells, cellsOf, valuesOf } from './builders/cells.ts'
import { coerce } from './coerce.ts'
import { collision, refuseCollision } from './column-collision.ts'
import type { SchemaMode } from './contract.ts'
import { fits } from './fits.ts'
import { frozen } from './frozen.ts'
import { inferType, kindsOf } from './infer-type.ts'
import { isJsonField } from './json-field.ts'
import { jsonText } from './json-text.ts'
import { kind } from './kind.ts'
import type { PageColumns } from './page-columns.ts'
import { UnstorableError } from './unstorable-error.ts'
import { valueError } from './value-error.ts'
import { type VariantType, variantName, variantTypeOf, variantTypes, variantValue } from './variant.ts'
import { withNewMembers } from './with-new-members.ts'

export interface ColumnPolicy {
  readonly nested: 'native' | 'json'
  readonly declared: ReadonlyMap<string, Field>
  readonly columns: SchemaMode
  readonly dataType: SchemaMode
}

/** Puts the values under one key into the columns of a page: into its own, and what does not fit there beside it. */
export function addColumn(page: PageColumns, name: string, policy: ColumnPolicy): void {
  const cells = cellsOf(page.rows, name)
  try {
    const field = page.field(name)
    if (field) addKnown(page, field, cells, policy)
    else addNew(page, name, valuesOf(cells), policy)
  } catch (thrown) {
    throw thrown instanceof UnstorableError ? valueError(name, valuesOf(cells), thrown) : thrown
  }
}

function addKnown(page: PageColumns, field: Field, cells: Cells, policy: ColumnPolicy): void {
  const { name, type } = field
  const declared = policy.declared.get(name)
  const data = declared && isJsonField(declared) ? undefined : buildColumn(type, cells, false)
  if (data !== undefined) {
    if (data.nullCount < data.length) refuseCollision(page, name, true)
    page.set(name, data)
    return
  }
  const values = valuesOf(cells)
  if (kindsOf(values) !== 0) refuseCollision(page, name, true)
  const meant = declared ? asDeclared(declared, values) : values
  const mayGrow = policy.columns === 'evolve' && declared === undefined
  const wider = mayGrow ? typeFor(type, values) : type
  if (wider !== type) page.widen(field, wider)
  addSplit(page, { name, type: wider, values, meant }, policy)
}

/** The type with what objects among the values have beyond it: of those only that fit it then, and do not go elsewhere. */
function typeFor(type: DataType, values: readonly unknown[]): DataType {
  const wider = withNewMembers(type, values)
  if (wider === type) return type
  const fitting = values.filter((value) => fits(wider, value))
  return fitting.length === values.length ? wider : withNewMembers(type, fitting)
}

/** What somebody has said of the column decides what its values mean. */
function asDeclared(field: Field, values: readonly unknown[]): unknown[] {
  const isJson = isJsonField(field)
  return values.map((value) => {
    if (value === null || value === undefined) return null
    return isJson ? jsonText(value) : coerce(field.type, value)
  })
}

function addNew(page: PageColumns, name: string, values: readonly unknown[], policy: ColumnPolicy): void {
  const kinds = kindsOf(values)
  if (kinds === 0) return
  refuseCollision(page, name, false)
  if (policy.columns !== 'evolve') {
    for (let r = 0; r < values.length; r++)
      discard(page, { name, value: values[r], row: r, reason: 'column' }, policy.columns)
    return
  }
  const type = inferType(values, kinds, policy.nested)
  if (type === undefined) return
  page.add(name, type)
  if ((kinds & kind.brokenText) === 0) page.setValues(name, type, values)
  else addSplit(page, { name, type, values, meant: values }, policy)
}

interface Split {
  readonly name: string
  readonly type: DataType
  /** As they came. */
  readonly values: readonly unknown[]
  /** As the column would hold them. */
  readonly meant: readonly unknown[]
}

/** Values that fit go to the column, the others as they came to the variant of their type, or where the contract says. */
function addSplit(page: PageColumns, { name, type, values, meant }: Split, { dataType }: ColumnPolicy): void {
  const fitting = new Array<unknown>(values.length)
  const variants = new Map<VariantType, unknown[]>()
  for (let r = 0; r < values.length; r++) {
    const value = values[r]
    if (value === null || value === undefined) continue
    if (fits(type, meant[r])) {
      fitting[r] = meant[r]
      continue
    }
    if (dataType !== 'evolve') {
      discard(page, { name, value, row: r, reason: 'type', type }, dataType)
      continue
    }
    const variant = variantTypeOf(value)
    const column = variants.get(variant) ?? new Array<unknown>(values.length)
    column[r] = variantValue(variant, value)
    variants.set(variant, column)
  }
  page.setValues(name, type, fitting)
  for (const [variant, column] of variants) addVariant(page, name, variant, column)
}

function addVariant(page: PageColumns, base: string, variant: VariantType, values: readonly unknown[]): void {
  const name = variantName(base, variant)
  const type = variantTypes[variant]
  const known = page.type(name)
  // A table that came from elsewhere may have a column of this name for a purpose of its own.
  if (known === undefined) page.add(name, type)
  else if (String(known) !== String(type)) throw collision(base, name)
  page.setValues(name, type, values)
}

interface Misfit {
  readonly name: string
  readonly value: unknown
  readonly row: number
  readonly reason: 'column' | 'type'
  readonly type?: DataType
}

function discard(page: PageColumns, { name, value, row, reason, type }: Misfit, mode: SchemaMode): void {
  if (value === null || value === undefined) return
  if (mode === 'freeze') throw frozen({ row, column: name, value, type })
  page.discards.push({ dropped: mode === 'discardRow' ? 'row' : 'value', reason, column: name, row, value })
}
