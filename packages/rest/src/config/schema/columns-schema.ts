import { columnDataTypes, isArrowSchema } from '@millrace/arrow'
import type { StandardSchema } from '@millrace/core'
import { z } from 'zod'
import type {
  ColumnConfig,
  ColumnsConfig,
  SchemaConfig,
  SchemaModeConfig,
  SchemaModesConfig,
} from '../schema-config.ts'
import { isStandardSchema } from '../schema-settings.ts'
import { type Fields, name, wholeFrom } from './fields.ts'

export const standardSchema: z.ZodType<StandardSchema> = z.custom<StandardSchema>(isStandardSchema, {
  error: 'expected a schema of zod, valibot, arktype or another library that speaks Standard Schema',
})

export const column: z.ZodObject = z.strictObject({
  name: name.exactOptional(),
  dataType: z.enum(columnDataTypes).exactOptional(),
  nullable: z.boolean().exactOptional(),
  precision: wholeFrom(0).exactOptional(),
  scale: wholeFrom(0).exactOptional(),
  timezone: z.boolean().exactOptional(),
  primaryKey: z.boolean().exactOptional(),
  mergeKey: z.boolean().exactOptional(),
  hardDelete: z.boolean().exactOptional(),
  dedupSort: z.enum(['asc', 'desc']).exactOptional(),
  partition: z.boolean().exactOptional(),
  description: z.string().exactOptional(),
} satisfies Fields<ColumnConfig>)

/** Hints of dlt that this version does not know what to do with. */
export const columnKeysNotYet: readonly string[] = [
  'cluster',
  'unique',
  'sort',
  'rowKey',
  'parentKey',
  'rootKey',
  'variant',
  'incremental',
]

const columns = z.union([
  z.array(column),
  z.record(name, column),
  standardSchema,
  z.custom<ColumnsConfig>(isArrowSchema, { error: 'expected an Arrow schema' }),
])

const mode = z.enum([
  'evolve',
  'freeze',
  'discard_row',
  'discard_value',
  'discardRow',
  'discardValue',
] satisfies SchemaModeConfig[])

const modes = z.strictObject({
  tables: mode.exactOptional(),
  columns: mode.exactOptional(),
  dataType: mode.exactOptional(),
} satisfies Fields<SchemaModesConfig>)

/** The keys of a resource that say how its rows become columns. */
export const schemaShape: Fields<SchemaConfig> = {
  columns: columns.exactOptional(),
  schemaContract: z.union([mode, modes]).exactOptional(),
  nested: z.enum(['native', 'json', 'tables']).exactOptional(),
  maxTableNesting: wholeFrom(0).exactOptional(),
  names: z.enum(['keep', 'snake_case']).exactOptional(),
}
