import { isMillraceError, type JsonValue, type MillraceError } from '@millrace/core'
import { type BodyFormat, formatOf } from './body-format.ts'
import type { Call, ClientSettings } from './call.ts'
import { decodeJson } from './decode-json.ts'
import { readFailure } from './read-failure.ts'
import { readSuccess } from './read-success.ts'
import type { Answer } from './send.ts'

/** An answer that is complete. */
export interface Reading {
  /** How the body was read, or would have been. */
  readonly format: BodyFormat
  /** Of the body, unpacked. */
  readonly bytes: number
  text(): string
  /** Decoded; the text where it cannot be decoded. */
  body(): JsonValue
  /** What the answer means by itself, where status or body are no success. */
  readonly failure?: MillraceError
}

/** Reads an answer to its end. Work that only a rule of the caller may ask for is left until it does. */
export async function readAnswer(
  answer: Answer,
  call: Call,
  number: number,
  settings: ClientSettings,
): Promise<Reading> {
  const { status, headers } = answer
  const format = call.asked.format ?? formatOf(headers.get('content-type'))
  let unpacked: Buffer | undefined
  const received = (body: Buffer): void => {
    unpacked = body
  }
  if (status < 200 || status > 299) {
    const failure = await readFailure(answer, call, number, settings, received)
    return failed(failure, format, unpacked, settings)
  }
  try {
    const { body } = await readSuccess(answer, call, settings, received)
    return { format, bytes: unpacked?.length ?? 0, text: once(() => textOf(unpacked)), body: () => body }
  } catch (thrown) {
    if (unpacked && isMillraceError(thrown)) return failed(thrown, format, unpacked, settings)
    throw thrown
  }
}

function failed(
  failure: MillraceError,
  format: BodyFormat,
  unpacked: Buffer | undefined,
  { maxDepth }: ClientSettings,
): Reading {
  const text = once(() => textOf(unpacked))
  const body = once(() => {
    try {
      return decodeJson(text(), maxDepth)
    } catch {
      return text()
    }
  })
  return { format, bytes: unpacked?.length ?? 0, text, body, failure }
}

/** Not strictly: the body may be no UTF-8, and whoever asks wants to see what is there. */
function textOf(unpacked: Buffer | undefined): string {
  return new TextDecoder().decode(unpacked)
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
