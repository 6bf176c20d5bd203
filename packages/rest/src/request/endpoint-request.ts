import { type JsonValue, MillraceError } from '@millrace/core'
import type { HttpRequest } from '@millrace/http'
import type { EndpointConfig, ParamScalar } from '../config/rest-config.ts'
import { fillText, fillValue, type PlaceholderValues, parseTemplate } from './template.ts'

/** A request without what the paginator adds. */
export type EndpointRequest = Required<Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers'>> &
  Pick<HttpRequest, 'json'>

/**
 * The request of an endpoint with its placeholders filled in: the same for all pages of one read.
 *
 * A parameter, header or key of the body whose placeholder has no value is left out: the text `None`, which dlt sends,
 * means something else to every API.
 *
 * @throws {MillraceError} `E_PATH` where a value would change the meaning of the path.
 */
export function endpointRequest(
  endpoint: EndpointConfig & { readonly path: string },
  values: PlaceholderValues,
): EndpointRequest {
  const { path, method = 'GET', params = {}, headers = {}, json, incremental } = endpoint
  const query: Record<string, ParamScalar | bigint | readonly ParamScalar[]> = {}
  for (const [name, value] of Object.entries(params)) {
    if (Array.isArray(value)) {
      query[name] = value.map((each) => fillParam(each, values)).filter((each) => each !== undefined)
    } else if (value !== null) {
      const filled = fillParam(value as ParamScalar, values)
      if (filled !== undefined) query[name] = filled
    }
  }
  if (incremental?.startParam !== undefined && values.start_value !== undefined) {
    query[incremental.startParam] = values.start_value
  }
  const filledHeaders: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const filled = fillText(parseTemplate(value), values)
    if (filled !== undefined) filledHeaders[name] = filled
  }
  const body = json === undefined || json === null ? undefined : fillJson(json, values)
  return {
    method,
    path: fillPath(path, values),
    query,
    headers: filledHeaders,
    ...(body !== undefined && { json: body }),
  }
}

function fillParam(value: ParamScalar, values: PlaceholderValues): ParamScalar | undefined {
  return typeof value === 'string' ? fillText(parseTemplate(value), values) : value
}

function fillJson(value: JsonValue, values: PlaceholderValues): JsonValue | undefined {
  if (typeof value === 'string') return fillValue(parseTemplate(value), values)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    return value.map((each: JsonValue) => fillJson(each, values)).filter((each) => each !== undefined)
  }
  const filled: Record<string, JsonValue> = {}
  for (const [key, each] of Object.entries(value)) {
    const one = fillJson(each as JsonValue, values)
    if (one !== undefined) filled[key] = one
  }
  return filled
}

/** Each value becomes part of one segment: it can neither add one nor start a query. */
function fillPath(path: string, values: PlaceholderValues): string {
  const template = parseTemplate(path)
  const text = fillText(template, values, encodeSegment)
  if (text === undefined)
    throw new MillraceError('E_PATH', `the path "${path}" has a placeholder without a value; set initial_value`)
  if (text === path) return text
  const [pathname = ''] = text.split('?', 1)
  const dots = pathname.split('/').find((segment) => segment === '.' || segment === '..')
  if (dots !== undefined) {
    throw new MillraceError(
      'E_PATH',
      `a value in the path "${path}" is "${dots}", which would lead to another place of the API`,
    )
  }
  return text
}

function encodeSegment(text: string): string {
  if (text === '')
    throw new MillraceError('E_PATH', 'a value in a path is empty, which would lead to another place of the API')
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
}
