import { nearest } from '@millrace/core'
import { z } from 'zod'
import type { ConfigProblem } from './config-error.ts'
import { keysNotYet } from './schema/config-schema.ts'
import { camelCase, snakeCase } from './spelling.ts'

/** A place in a configuration: keys and indexes from the top. */
export type ConfigPath = readonly PropertyKey[]

export interface Respelled {
  /** The same configuration with the keys of the schema in camelCase, and without those the schema does not know. */
  readonly value: unknown
  readonly problems: readonly ConfigProblem[]
  /** A camelCase path in the configuration's own spelling. */
  readonly spell: (path: ConfigPath) => string
}

/**
 * Brings a configuration in dlt's spelling (`base_url`), in TypeScript's (`baseUrl`), or in both, to the schema's.
 *
 * Only keys that the schema knows as its own are respelled, never what is inside `params`, `headers` or `json`.
 */
export function respell(config: unknown, schema: z.ZodType): Respelled {
  const problems: ConfigProblem[] = []
  const spellings = new Map<string, string>()
  const style = isSnakeCase(config) ? snakeCase : (key: string) => key

  const spell = (path: ConfigPath): string => {
    let text = ''
    path.forEach((segment, index) => {
      const own = spellings.get(keyOf(path.slice(0, index + 1))) ?? String(segment)
      if (typeof segment === 'number') text += `[${segment}]`
      else text += /^[\w$-]+$/.test(own) ? `${text === '' ? '' : '.'}${own}` : `[${JSON.stringify(own)}]`
    })
    return text
  }

  function visit(value: unknown, at: z.ZodType, path: ConfigPath): unknown {
    const node = unwrap(at)
    if (node instanceof z.ZodArray && Array.isArray(value)) {
      return value.map((each, index) => visit(each, node.element as z.ZodType, [...path, index]))
    }
    if (node instanceof z.ZodRecord && isPlainObject(value)) {
      const entries = Object.entries(value)
      return Object.fromEntries(
        entries.map(([key, each]) => [key, visit(each, node.valueType as z.ZodType, [...path, key])]),
      )
    }
    const collection = node instanceof z.ZodUnion ? collectionOf(value, node) : undefined
    if (collection) return visit(value, collection, path)
    const chosen = node instanceof z.ZodUnion ? choose(value, node, path) : node
    if (chosen === undefined) return undefined
    return chosen instanceof z.ZodObject && isPlainObject(value) ? visitObject(value, chosen, path) : value
  }

  function visitObject(value: object, node: z.ZodObject, path: ConfigPath): unknown {
    const known = Object.keys(node.shape)
    const notYet = keysNotYet.get(node) ?? []
    for (const key of known) spellings.set(keyOf([...path, key]), style(key))
    const result: Record<string, unknown> = {}
    for (const [own, each] of Object.entries(value)) {
      if (each === undefined) continue
      const key = camelCase(own)
      const here = [...path, key]
      spellings.set(keyOf(here), own)
      if (known.includes(key)) {
        if (Object.hasOwn(result, key))
          problems.push({ path: spell(here), message: 'is given twice, in two spellings' })
        const respelled = visit(each, node.shape[key] as z.ZodType, here)
        if (respelled !== undefined) result[key] = respelled
      } else if (notYet.includes(key)) {
        problems.push({ path: spell(here), message: 'is not supported yet' })
      } else {
        problems.push({ path: spell(here), message: unknownWord('key', key, known, style) })
      }
    }
    return result
  }

  /** The option of a union that the value means. Undefined where its name is unknown, which is a problem of its own. */
  function choose(value: unknown, union: z.ZodUnion, path: ConfigPath): z.ZodType | undefined {
    const options = union.options as readonly z.ZodType[]
    const objects = options.filter((option): option is z.ZodObject => option instanceof z.ZodObject)
    const words = options.flatMap((option) => (option instanceof z.ZodEnum ? option.options.map(String) : []))
    const types = [...new Set([...words, ...objects.flatMap(typeOf)])]
    const isObject = isPlainObject(value)
    const type = isObject ? (value as Record<string, unknown>)['type'] : words.length > 0 ? value : undefined
    if (typeof type === 'string' && objects.some((option) => typeOf(option).length > 0) && !types.includes(type)) {
      const message = unknownWord('type', type, types, (word) => word)
      problems.push({ path: spell(isObject ? [...path, 'type'] : path), message })
      return undefined
    }
    if (!isObject) return union
    const ofCode = options.find((option) => isOfCode(option, value))
    return ofCode ?? objects.find((option) => isOf(option, type, value)) ?? objects.at(-1) ?? union
  }

  return { value: visit(config, schema, []), problems, spell }
}

/** The option of a union that is a list or a mapping as the value is. What comes from code or has keys of its own is neither. */
function collectionOf(value: unknown, union: z.ZodUnion): z.ZodType | undefined {
  const options = union.options as readonly z.ZodType[]
  if (Array.isArray(value)) return options.find((option) => option instanceof z.ZodArray)
  if (!isPlainObject(value) || options.some((option) => option instanceof z.ZodObject || isOfCode(option, value))) {
    return undefined
  }
  return options.find((option) => option instanceof z.ZodRecord)
}

function isOfCode(option: z.ZodType, value: unknown): boolean {
  return option instanceof z.ZodCustom && option.safeParse(value).success
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema
  while (inner instanceof z.ZodExactOptional || inner instanceof z.ZodNullable) inner = inner.unwrap() as z.ZodType
  return inner
}

/** The values of `type` that an object of the schema goes by. */
function typeOf(schema: z.ZodObject): string[] {
  const type = schema.shape['type']
  const literal = type === undefined ? undefined : unwrap(type as z.ZodType)
  return literal instanceof z.ZodLiteral ? [...literal.values].map(String) : []
}

/** Whether `type` names the object; where the object needs no type, whether all is there that it needs. */
function isOf(schema: z.ZodObject, type: unknown, value: object): boolean {
  if (typeof type === 'string' && typeOf(schema).length > 0) return typeOf(schema).includes(type)
  if (type === undefined && schema.shape['type'] instanceof z.ZodExactOptional) return true
  if (schema.shape['type'] !== undefined) return false
  const keys = new Set(Object.keys(value).map(camelCase))
  return Object.entries(schema.shape).every(([key, each]) => each instanceof z.ZodExactOptional || keys.has(key))
}

function unknownWord(kind: string, given: string, known: readonly string[], style: (key: string) => string): string {
  const meant = nearest(given, known)
  const help = meant === undefined ? `known: ${known.map(style).join(', ')}` : `did you mean "${style(meant)}"?`
  return `unknown ${kind}; ${help}`
}

/** Two configurations differ in nothing but the style of their keys; the first key with two words shows it. */
function isSnakeCase(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isSnakeCase)
  if (!isPlainObject(value)) return false
  return Object.entries(value).some(([key, each]) => /^[a-z]+_[a-z_]+$/.test(key) || isSnakeCase(each))
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function keyOf(path: ConfigPath): string {
  return JSON.stringify(path)
}
