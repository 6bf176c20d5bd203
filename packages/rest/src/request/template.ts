import type { JsonValue } from '@millrace/core'

/** What placeholders stand for during one read. Undefined: there is no value yet. */
export interface PlaceholderValues {
  readonly start_value: string | number | bigint | undefined
  readonly initial_value: string | number | bigint | undefined
  readonly last_value?: string | number | bigint | undefined
  readonly end_value?: string | number | bigint | undefined
  readonly lag?: string | number | bigint | undefined
}

type Field = keyof PlaceholderValues

/** A text with placeholders, taken apart once. */
export interface Template {
  readonly parts: readonly (string | { readonly field: Field })[]
}

const fields: readonly string[] = ['start_value', 'initial_value', 'last_value', 'end_value', 'lag'] satisfies Field[]

/**
 * Takes a text apart. A brace that opens neither `{incremental.…}` nor `{resources.…}` is text, so bodies in GraphQL need
 * no escapes; `{{` is `{`, and `}}` is `}` where a `{{` is open before it, so that texts written for dlt read the same.
 *
 * @throws {SyntaxError} for a placeholder that means nothing.
 */
export function parseTemplate(text: string): Template {
  const parts: (string | { field: Field })[] = []
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
      const placeholder = text[at] === '{' ? /^\{(incremental|resources)\.([^{}]*)\}/.exec(text.slice(at)) : null
      if (placeholder) {
        const [whole, context = '', name = ''] = placeholder
        if (literal !== '') parts.push(literal)
        literal = ''
        parts.push({ field: fieldNamed(whole, context, name) })
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

function fieldNamed(whole: string, context: string, name: string): Field {
  if (context === 'resources') throw new SyntaxError(`the placeholder ${whole} is not supported yet`)
  if (fields.includes(name)) return name as Field
  throw new SyntaxError(
    `unknown placeholder ${whole}; there are ${fields.map((each) => `{incremental.${each}}`).join(' and ')}`,
  )
}

export function hasPlaceholder(template: Template): boolean {
  return template.parts.some((part) => typeof part !== 'string')
}

/** The text with values in place, each passed through `encode`. Undefined where one of them has no value. */
export function fillText(
  template: Template,
  values: PlaceholderValues,
  encode: (text: string) => string = (text) => text,
): string | undefined {
  let text = ''
  for (const part of template.parts) {
    if (typeof part === 'string') text += part
    else {
      const value = values[part.field]
      if (value === undefined) return undefined
      text += encode(String(value))
    }
  }
  return text
}

/** Like {@link fillText}, but a text that is exactly one placeholder becomes the value itself, number or text. */
export function fillValue(template: Template, values: PlaceholderValues): JsonValue | undefined {
  const [only] = template.parts
  return template.parts.length === 1 && typeof only === 'object' ? values[only.field] : fillText(template, values)
}
