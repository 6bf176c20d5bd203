import type { z } from 'zod'
import type { ConfigPath } from './respell.ts'

export interface Described {
  readonly path: ConfigPath
  readonly message: string
}

type Issue = z.core.$ZodIssue

/** What the schema found, in words for people; the values themselves stay out of it. */
export function describeIssue(issue: Issue): readonly Described[] {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The option that was meant: it is of the right kind and type, and only something in it is wrong.
    const [meant] = issue.errors
      .filter((option) => !option.some(isOfAnotherKind))
      .sort((one, other) => strangeness(one) - strangeness(other))
    if (meant) {
      return meant.flatMap((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] } as Issue))
    }
  }
  return [{ path: issue.path, message: message(issue) }]
}

function isOfAnotherKind({ code, path, message }: Issue): boolean {
  // What code makes and a file cannot hold: see `fields.ts`.
  if (code === 'custom') return path.length === 0 && message.startsWith('expected ')
  return (code === 'invalid_type' || code === 'invalid_value') && (path.length === 0 || path[0] === 'type')
}

/** How little a value looks like an option: keys that it does not know are found first, then all that is wrong. */
function strangeness(issues: readonly Issue[]): number {
  return issues.length + (issues.some(({ code }) => code === 'unrecognized_keys') ? 1_000 : 0)
}

function message(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${kind(issue.expected)}`
    case 'invalid_value':
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`.replace(/, ([^,]*)$/, ' or $1')
    case 'too_small':
      if (issue.origin === 'number' || issue.origin === 'int') {
        return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
      }
      return 'must not be empty'
    case 'too_big':
      return `must be at most ${issue.maximum}`
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message
    case 'invalid_union':
      return issue.message === 'Invalid input' ? `expected ${accepted(issue)}` : issue.message
    default:
      return issue.message
  }
}

function accepted(issue: z.core.$ZodIssueInvalidUnion): string {
  const kinds = issue.errors.flatMap((option) => {
    const [root] = option.filter(({ path }) => path.length === 0)
    if (root?.code === 'invalid_type') return [kind(root.expected)]
    return root?.code === 'invalid_value' ? root.values.map((value) => JSON.stringify(value)) : []
  })
  return [...new Set(kinds)].join(' or ') || 'something else'
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

function kind(expected: string): string {
  return kinds[expected] ?? expected
}
