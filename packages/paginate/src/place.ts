import type { JsonValue } from '@millrace/core'
import type { PageRequest } from './paginator.ts'

/** Where in a request a paginator puts a value: a query parameter, or a place in the JSON body. */
export interface Place {
  readonly name: string
  readonly put: (value: string | number) => PageRequest
  /** The same for lists and objects, which only a body can hold. */
  readonly putJson?: (value: JsonValue) => PageRequest
  /** The value that `put` left in a request; undefined where there is none. */
  readonly read: (request: PageRequest) => JsonValue | undefined
}

interface PlaceOptions {
  /** Of the option for a query parameter, to say which one is wrong; the one for the body is in `bodyOption`. */
  readonly option: string
  readonly bodyOption: string
  readonly param: string | undefined
  readonly bodyPath: string | undefined
  /** Name of the query parameter where neither is given. */
  readonly fallback: string
}

/** @throws {RangeError} where both or an empty name is given, or the path is not dotted. */
export function placeOf({ option, bodyOption, param, bodyPath, fallback }: PlaceOptions): Place {
  if (param !== undefined && bodyPath !== undefined) {
    throw new RangeError(`${option} and ${bodyOption} are both given; the value goes to one place`)
  }
  if (bodyPath !== undefined) {
    if (bodyPath.split('.').some((key) => key === '' || /[[\]'"*?()]/.test(key))) {
      throw new RangeError(`${bodyOption} must be a dotted path such as variables.after, got "${bodyPath}"`)
    }
    const put = (value: JsonValue): PageRequest => ({ body: { [bodyPath]: value } })
    return {
      name: bodyPath,
      put,
      putJson: put,
      read: (request) => request.body?.[bodyPath],
    }
  }
  const name = param ?? fallback
  if (name === '') throw new RangeError(`${option} must not be empty`)
  return { name, put: (value) => ({ query: { [name]: value } }), read: (request) => request.query?.[name] }
}

/** Both in one. */
export function together(one: PageRequest, other: PageRequest): PageRequest {
  return {
    ...((one.query || other.query) && { query: { ...one.query, ...other.query } }),
    ...((one.body || other.body) && { body: { ...one.body, ...other.body } }),
  }
}
