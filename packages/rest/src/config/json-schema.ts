import type { JsonObject, JsonValue } from '@millrace/core'
import { z } from 'zod'
import { configSchema } from './schema/config-schema.ts'
import { snakeCase } from './spelling.ts'

/** An interface of the configuration, as its source file documents it. */
export interface DocumentedInterface {
  readonly name: string
  readonly text: string
  /** Its keys with what is said about each; those it takes over from other interfaces too. */
  readonly keys: Readonly<Record<string, string>>
  /** The word that stands for it in `type`, where it has one. */
  readonly type?: string
}

/** Marks what only code can hold. It leaves the schema, and with it all that cannot be without it. */
const inCode = 'x-in-code'

/** What is said about each key of an object; the schemas of keys are used in many places. */
const aboutKeys = 'x-about-keys'

const rootTitle = 'RestConfig'

type Node = Record<string, unknown>

/**
 * The JSON Schema of a configuration in a file: what `configSchema` accepts, in both spellings, without functions.
 *
 * An object is described by the interface with the same keys; the compiler holds the two to each other.
 *
 * @see JSON Schema draft 7, the one that editors know best
 */
export function configJsonSchema(interfaces: readonly DocumentedInterface[]): JsonObject {
  const schema = z.toJSONSchema(configSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const node = jsonSchema as Node
      if (zodSchema instanceof z.ZodCustom) node[inCode] = true
      // Any JSON: nothing in a file is anything else.
      if (zodSchema instanceof z.ZodLazy) for (const key of Object.keys(node)) delete node[key]
      if (zodSchema instanceof z.ZodObject) describe(node, zodSchema, interfaces)
    },
  }) as Node
  const definitions: Record<string, JsonValue> = {}
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...inFile(schema, definitions),
    definitions: Object.fromEntries(Object.entries(definitions).sort(([one], [other]) => (one < other ? -1 : 1))),
  }
}

function describe(node: Node, schema: z.ZodObject, interfaces: readonly DocumentedInterface[]): void {
  const keys = Object.keys(schema.shape).sort().join()
  const properties = node['properties'] as Record<string, Node>
  const same = interfaces.filter((each) => Object.keys(each.keys).sort().join() === keys)
  const type = properties['type']?.['const']
  const found = same.length > 1 ? same.find((each) => each.type === type) : same[0]
  if (!found) return
  node['title'] = found.name
  if (found.text !== '') node['description'] = found.text
  node[aboutKeys] = found.keys
}

/** The node as it holds for files; undefined where only code can satisfy it. Objects with a name go to `definitions`. */
function inFile(node: Node, definitions: Record<string, JsonValue>): JsonObject | undefined {
  if (node[inCode]) return undefined
  const { anyOf, items, properties, required, additionalProperties, propertyNames: _, maximum, ...rest } = node
  if (anyOf !== undefined) {
    const options = (anyOf as Node[]).map((each) => inFile(each, definitions)).filter((each) => each !== undefined)
    if (options.length === 0) return undefined
    return options.length === 1
      ? { ...options[0], ...(rest as JsonObject) }
      : { ...(rest as JsonObject), anyOf: options }
  }
  if (items !== undefined && !Array.isArray(items)) {
    const item = inFile(items as Node, definitions)
    return item && { ...(rest as JsonObject), items: item }
  }
  if (properties !== undefined) return objectInFile(node, definitions)
  const values =
    typeof additionalProperties === 'object' ? inFile(additionalProperties as Node, definitions) : undefined
  return {
    ...(rest as JsonObject),
    ...(Array.isArray(items) && { items: items.map((each) => inFile(each as Node, definitions) ?? {}) }),
    ...(values && { additionalProperties: values }),
    // Every whole number of zod's has this limit.
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum: maximum as number }),
  }
}

function objectInFile(node: Node, definitions: Record<string, JsonValue>): JsonObject | undefined {
  const { title, description } = node
  const said = (node[aboutKeys] ?? {}) as Record<string, string>
  const own: Record<string, JsonObject> = {}
  for (const [key, each] of Object.entries(node['properties'] as Record<string, Node>)) {
    const value = inFile(each, definitions)
    const text = said[key] ?? ''
    if (value) own[key] = { ...value, ...(text !== '' && { description: text }) }
  }
  const required = (node['required'] ?? []) as string[]
  if (required.some((key) => !Object.hasOwn(own, key))) return undefined
  const place = title === rootTitle ? '#' : `#/definitions/${title}`
  const respelled = Object.keys(own).filter((key) => snakeCase(key) !== key)
  const properties = {
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [snakeCase(key), value])),
    // Both spellings are right; an editor that offered both would offer every key twice.
    ...Object.fromEntries(
      respelled.map((key) => [key, { $ref: `${place}/properties/${snakeCase(key)}`, doNotSuggest: true }]),
    ),
  }
  const inTwo = required.filter((key) => respelled.includes(key))
  const inOneSpelling = required.filter((key) => !respelled.includes(key))
  const object: JsonObject = {
    ...(title !== undefined && { title: title as string }),
    ...(description !== undefined && { description: description as string }),
    type: 'object',
    properties,
    ...(inOneSpelling.length > 0 && { required: inOneSpelling }),
    ...(inTwo.length > 0 && {
      allOf: inTwo.map((key) => ({ oneOf: [{ required: [snakeCase(key)] }, { required: [key] }] })),
    }),
    additionalProperties: false,
  }
  if (typeof title !== 'string' || title === rootTitle) return object
  definitions[title] = object
  return { $ref: place }
}
