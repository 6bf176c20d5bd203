import type { JsonValue } from '@millrace/core'

/** An answer as a {@link Judge} sees it. */
export interface JudgedAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** Decoded; the text where it cannot be decoded. */
  readonly body: JsonValue
  /** The body as text. */
  readonly text: string
  /** Redacted. */
  readonly url: string
}

/**
 * What an answer means, whatever its status says.
 *
 * - `ignore`: it comes back as it is, marked `ignored`. A status that is tried again is so first, and ignored in the end.
 * - `retry`: it is tried again, as after a 503.
 * - `fail`: it is an error.
 * - `refresh_auth`: the credentials are renewed, as after a 401.
 * - `{ body }`: it is a success with this body.
 */
export type Verdict = 'ignore' | 'retry' | 'fail' | 'refresh_auth' | { readonly body: JsonValue }

/** Decides about an answer, or leaves it to its status. Must answer at once. */
export type Judge = (answer: JudgedAnswer) => Verdict | undefined
