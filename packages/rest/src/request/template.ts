import type { JsonValue } from '@millrace/core'
import { compileReader } from '../select/selector.ts'
import { stableJson } from '../stable-json.ts'

/** `{incremental.start_value}`: how far the resource has been read. */
export interface IncrementalPlaceholder {
  readonly context: 'incremental'
  readonly field: IncrementalField
}

/** `{resources.posts.author.id}`: a field of a row of the parent. */
export interface ParentPlaceholder {
  readonly context: 'resources'
  readonly resource: string
  /** Of the field in the parent's row: a dotted path or JSONPath. */
  readonly path: string
}

export type Placeholder = IncrementalPlaceholder | ParentPlaceholder

/** Gives placeholders their values. Undefined: there is none. */
export type Lookup = (placeholder: Placeholder) => JsonValue | undefined

/** A text with placeholders, taken apart once. */
export interface Template {
  readonly parts: readonly (string | Placeholder)[]
}

export const incrementalFields = ['start_value', 'initial_value', 'last_value', 'end_value', 'lag'] as const
export type IncrementalField = (typeof incrementalFields)[number]

/**
 * Takes a text apart. A brace that opens neither `{incremental.…}` nor `{resources.…}` is text, so bodies in GraphQL need
 * no escapes; `{{` is `{`, and `}}` is `}` where a `{{` is open before it, so that texts written for dlt read the same.
 *
 * @throws {SyntaxError} for a placeholder that means nothing.
 */
export function parseTemplate(text: string): Template {
  const parts: (string | Placeholder)[] = []
  let literal = ''
  let open = 0
  for (let at = 0; at < text.length; ) {
    const two = text.slice(at, at + 2)
    if (two === '{{') {
      literal += '{'
      open += 1
      at += 2
    } else if (two === '}}' && open > 0) {
      literal += '}'
      open -= 1
      at += 2
    } else {
      const found = text[at] === '{' ? /^\{(incremental|resources)\.([^{}]*)\}/.exec(text.slice(at)) : null
      if (found) {
        const [whole, context = '', name = ''] = found
        if (literal !== '') parts.push(literal)
        literal = ''
        parts.push(context === 'resources' ? parentPlaceholder(whole, name) : incrementalPlaceholder(whole, name))
        at += whole.length
      } else {
        literal += text[at]
        at += 1
      }
    }
  }
  if (literal !== '' || parts.length === 0) parts.push(literal)
  return { parts }
}

function incrementalPlaceholder(whole: string, name: string): IncrementalPlaceholder {
  const field = incrementalFields.find((each) => each === name)
  if (field) return { context: 'incremental', field }
  const known = incrementalFields.map((each) => `{incremental.${each}}`)
  throw new SyntaxError(`unknown placeholder ${whole}; there are ${known.join(', ')}`)
}

function parentPlaceholder(whole: string, name: string): ParentPlaceholder {
  const dot = name.indexOf('.')
  if (dot < 1 || dot === name.length - 1) {
    throw new SyntaxError(`the placeholder ${whole} must name a resource and a field, as {resources.posts.id} does`)
  }
  const path = name.slice(dot + 1)
  compileReader(path)
  return { context: 'resources', resource: name.slice(0, dot), path }
}

/** The placeholders of a text. */
export function placeholdersOf(text: string): Placeholder[] {
  return parseTemplate(text).parts.filter((part) => typeof part !== 'string')
}

/**
 * The text with values in place, each passed through `encode`. Undefined where one of them has no value or is null: the
 * text `None`, which dlt sends, means something else to every API.
 */
export function fillText(
  template: Template,
  lookup: Lookup,
  encode: (text: string) => string = (text) => text,
): string | undefined {
  let text = ''
  for (const part of template.parts) {
    if (typeof part === 'string') text += part
    else {
      const value = lookup(part)
      if (value === undefined || value === null) return undefined
      text += encode(textOf(value))
    }
  }
  return text
}

/** A placeholder as it is written. */
export function placeholderText(placeholder: Placeholder): string {
  const { context } = placeholder
  return `{${context}.${context === 'resources' ? `${placeholder.resource}.${placeholder.path}` : placeholder.field}}`
}

/** Like {@link fillText}, but a text that is exactly one placeholder becomes the value itself, whatever its type. */
export function fillValue(template: Template, lookup: Lookup): JsonValue | undefined {
  const [only] = template.parts
  return template.parts.length === 1 && typeof only === 'object' ? lookup(only) : fillText(template, lookup)
}

function textOf(value: JsonValue): string {
  return typeof value === 'object' ? stableJson(value) : String(value)
}
