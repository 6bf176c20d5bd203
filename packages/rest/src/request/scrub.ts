import {
  createLiveRedact,
  type Emit,
  isMillraceError,
  type MillraceEvent,
  rewordError,
  type Secret,
} from '@millrace/core'

/** Takes secrets out of what quotes an API: an API may say anything, a token that it has just given out too. */
export interface Scrub {
  /** An error that may be shown: the same object, with another text where it held a secret. */
  error(thrown: unknown): unknown
  event(event: MillraceEvent): MillraceEvent
}

/** @param secrets - Read anew each time, because tokens change. */
export function createScrub(secrets: () => readonly Secret[]): Scrub {
  const redact = createLiveRedact(secrets)
  const scrubbed = <T>(value: T): T => scrub(value, redact) as T

  return Object.freeze({
    error(thrown: unknown): unknown {
      if (!isMillraceError(thrown)) return thrown
      const message = scrubbed(thrown.message)
      const context = scrubbed(thrown.context)
      const isClean = message === thrown.message && JSON.stringify(context) === JSON.stringify(thrown.context)
      if (!isClean) rewordError(thrown, message, context)
      return thrown
    },
    event: scrubbed,
  })
}

/** The same emitter, for events that may quote an API. */
export function scrubbedEmit(emit: Emit, scrub: Scrub): Emit {
  return (event) => emit(scrub.event(event))
}

function scrub(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => scrub(each, redact))
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, scrub(each, redact)]))
}
