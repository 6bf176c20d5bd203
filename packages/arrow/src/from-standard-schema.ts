import { errorMessage, MillraceError, type StandardSchema } from '@millrace/core'
import type { Schema } from 'apache-arrow'
import { fromJsonSchema } from './from-json-schema.ts'
import { isPlainObject } from './kind.ts'

/**
 * The columns of rows that a schema of zod 4.2, arktype 2.1.28 or any other library takes that speaks Standard JSON Schema.
 *
 * What the schema takes counts, and not what it makes of it.
 *
 * @throws {MillraceError} `E_SCHEMA` where the library, or a type of the schema, cannot be put as JSON Schema.
 * @example
 * fromStandardSchema(z.object({ id: z.int(), name: z.string().nullable() })) // => id: Int64 not null, name: Utf8
 * @see https://standardschema.dev/json-schema
 */
export function fromStandardSchema(schema: StandardSchema): Schema {
  const standard: StandardSchema['~standard'] & { readonly jsonSchema?: Partial<JsonSchemaSource> } =
    schema['~standard']
  const { vendor, jsonSchema } = standard
  if (typeof jsonSchema?.input !== 'function') throw problem(vendor, 'does not say its types as JSON Schema by itself')
  let described: unknown
  try {
    described = jsonSchema.input({ target: 'draft-2020-12' })
  } catch (thrown) {
    throw problem(vendor, `cannot say its types as JSON Schema (${errorMessage(thrown)})`, thrown)
  }
  if (!isPlainObject(described)) throw problem(vendor, 'says its types as something that is no JSON Schema')
  return fromJsonSchema(described)
}

interface JsonSchemaSource {
  input(options: { readonly target: 'draft-2020-12' }): unknown
}

function problem(vendor: string, what: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'E_SCHEMA',
    `the schema of ${vendor} ${what}: give the columns as a JSON Schema or as a mapping of names to types`,
    cause === undefined ? {} : { cause },
  )
}
