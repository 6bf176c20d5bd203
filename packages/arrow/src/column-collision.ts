import { MillraceError } from '@millrace/core'
import type { PageColumns } from './page-columns.ts'
import { type VariantType, variantBase, variantName, variantTypes } from './variant.ts'

/**
 * Rows must bring no column of a name that a variant of another column has or could get.
 *
 * @throws {MillraceError} `E_COLUMN_COLLISION` naming both.
 */
export function refuseCollision(page: PageColumns, name: string, isKnown: boolean): void {
  const base = variantBase(name)
  if (base !== undefined && page.type(base) !== undefined) throw collision(base, name)
  if (isKnown) return
  for (const variant of Object.keys(variantTypes) as VariantType[]) {
    const other = variantName(name, variant)
    if (page.type(other) !== undefined) throw collision(name, other)
  }
}

export function collision(base: string, variant: string): MillraceError {
  return new MillraceError(
    'E_COLUMN_COLLISION',
    `the rows have the columns "${base}" and "${variant}", and the second is the name under which values that do not fit "${base}" are kept: rename one of them`,
    { context: { column: variant, base } },
  )
}
