import { MillraceError } from '@millrace/core'
import { stringify } from 'lossless-json'
import type { HttpRequest } from './http-client.ts'
import type { Query, QueryScalar } from './query.ts'

type FieldList = readonly (readonly [name: string, value: QueryScalar])[]

/** Fields by name, or in the order they are to be sent in. */
export type Form = Query | FieldList

/** A body ready to be sent. */
export interface RequestBody {
  readonly text: string
  /** What the body is, unless the headers of the client or the request say otherwise. */
  readonly contentType: string
}

/**
 * The body of a request, from whichever of `json`, `form` and `text` it has.
 *
 * @throws {MillraceError} `E_REQUEST`, where it has more than one of them.
 */
export function requestBody({ json, form, text }: HttpRequest): RequestBody | undefined {
  const given = Object.entries({ json, form, text }).filter(([, value]) => value !== undefined)
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(' and ')
    throw new MillraceError('E_REQUEST', `a request has one body, and this one has ${names}: leave out all but one`)
  }
  if (json !== undefined) return { text: stringify(json) ?? 'null', contentType: 'application/json' }
  if (form !== undefined) return { text: encodeForm(form), contentType: 'application/x-www-form-urlencoded' }
  return text === undefined ? undefined : { text, contentType: 'text/plain;charset=UTF-8' }
}

/** As browsers write forms: `+` for a space. */
function encodeForm(form: Form): string {
  const fields = isList(form) ? form : Object.entries(form).flatMap(([name, value]) => valuesOf(name, value))
  const parameters = new URLSearchParams()
  for (const [name, value] of fields) parameters.append(name, String(value))
  return parameters.toString()
}

function isList(form: Form): form is FieldList {
  return Array.isArray(form)
}

function valuesOf(name: string, value: Query[string]): [string, QueryScalar][] {
  const values: readonly QueryScalar[] = [value ?? []].flat()
  return values.map((each) => [name, each])
}
