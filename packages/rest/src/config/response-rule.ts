import type { JsonValue } from '@millrace/core'

/**
 * What to do about an answer: leave it out (`ignore`: in the middle of its pages the stream is then incomplete), take it for
 * the end of the pages (`end`), ask again as after a 503 (`retry`), stop with an error (`fail`), or fetch a new token and ask
 * again (`refresh_auth`).
 */
export type ResponseAction = 'ignore' | 'end' | 'retry' | 'fail' | 'refresh_auth'

/** What a response function sees. */
export interface RuledAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** Decoded; text where it is no JSON. */
  readonly body: JsonValue
  /** Redacted. */
  readonly url: string
}

/** Decides in code. Nothing: the next rule is asked. `{ body }` takes the place of what the API said. */
export type ResponseFunction = (answer: RuledAnswer) => ResponseAction | { readonly body: JsonValue } | undefined | null

/** A rule for answers. All conditions that are given must hold. The first rule that holds decides. */
export interface ResponseRule {
  readonly statusCode?: number | string
  /** Text that the body holds. */
  readonly content?: string
  /** A dotted path or JSONPath that finds something in the body: `$.errors[?@.code == 'RATE_LIMIT']`. */
  readonly jsonPath?: string
  readonly action: ResponseAction | ResponseFunction | readonly ResponseFunction[]
}

export type ResponseActionConfig = ResponseRule | ResponseFunction
