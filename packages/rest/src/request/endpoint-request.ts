import { type JsonValue, MillraceError } from '@millrace/core'
import { type HttpRequest, type QueryScalar, type QueryValue, redactUrls } from '@millrace/http'
import type { ModernEndpoint } from '../config/legacy-params.ts'
import type { FormConfig, ParamScalar, ParamValue } from '../config/rest-config.ts'
import { fillText, fillValue, type Lookup, type Placeholder, parseTemplate, placeholderText } from './template.ts'

/** A request without what the paginator adds. */
export type EndpointRequest = Required<Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers'>> &
  Pick<HttpRequest, 'json' | 'form' | 'text'>

/**
 * The request of an endpoint with its placeholders filled in: the same for all pages of one read.
 *
 * A parameter, header, field or key whose placeholder has no value is left out.
 *
 * @throws {MillraceError} `E_PATH` where a value would change the meaning of the path.
 */
export function endpointRequest(endpoint: ModernEndpoint, lookup: Lookup): EndpointRequest {
  const { path, method = 'GET', params = {}, headers = {}, json, data } = endpoint
  const query = fillParams(params, lookup)
  const filledHeaders = Object.entries(headers).flatMap(([name, value]) =>
    pair(name, fillText(parseTemplate(value), lookup), lookup),
  )
  const body = json === undefined || json === null ? undefined : fillJson(json, lookup)
  return {
    method,
    path: fillPath(path, lookup),
    query,
    headers: Object.fromEntries(filledHeaders),
    ...(body !== undefined && { json: body }),
    ...(data !== undefined && data !== null && fillData(data, lookup)),
  }
}

function fillParams(params: Readonly<Record<string, ParamValue>>, lookup: Lookup): Record<string, QueryValue> {
  const filled = Object.entries(params).flatMap(([name, value]) =>
    pair(name, value === null ? undefined : fillParam(value, lookup), lookup),
  )
  return Object.fromEntries(filled)
}

/**
 * A name and its value; none where one of them has none. Pairs become properties by `Object.fromEntries` alone: a parent may
 * say `__proto__`, which an assignment would take for something else than a name.
 */
function pair<Value>(name: string, value: Value | undefined, lookup: Lookup): [string, Value][] {
  const filled = fillText(parseTemplate(name), lookup)
  return filled === undefined || value === undefined ? [] : [[filled, value]]
}

/** A list that a placeholder stands for repeats the parameter, as a list of the configuration does. */
function fillParam(value: Exclude<ParamValue, null>, lookup: Lookup): QueryValue | undefined {
  if (typeof value !== 'string') {
    if (typeof value !== 'object') return value
    return value.flatMap((each: ParamScalar) => [fillParam(each, lookup) ?? []].flat() as QueryScalar[])
  }
  const template = parseTemplate(value)
  const filled = fillValue(template, lookup)
  if (Array.isArray(filled) && filled.every((each) => typeof each !== 'object')) return filled as QueryScalar[]
  return fillText(template, lookup)
}

function fillData(data: FormConfig, lookup: Lookup): Pick<HttpRequest, 'form' | 'text'> {
  if (typeof data === 'string') {
    const text = fillText(parseTemplate(data), lookup)
    return text === undefined ? {} : { text }
  }
  if (!Array.isArray(data)) return { form: fillParams(data as Readonly<Record<string, ParamValue>>, lookup) }
  const form: [string, QueryScalar][] = []
  for (const [name, value] of data as readonly (readonly [string, ParamScalar])[]) {
    const key = fillText(parseTemplate(name), lookup)
    const filled = fillParam(value, lookup) ?? []
    if (key !== undefined)
      form.push(...[filled].flat().map((each): [string, QueryScalar] => [key, each as QueryScalar]))
  }
  return { form }
}

function fillJson(value: JsonValue, lookup: Lookup): JsonValue | undefined {
  if (typeof value === 'string') return fillValue(parseTemplate(value), lookup)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    return value.map((each: JsonValue) => fillJson(each, lookup)).filter((each) => each !== undefined)
  }
  const filled = Object.entries(value).flatMap(([name, each]) =>
    pair(name, fillJson(each as JsonValue, lookup), lookup),
  )
  return Object.fromEntries(filled)
}

/** Each value becomes part of one segment: it can neither add one nor start a query. */
function fillPath(path: string, lookup: Lookup): string {
  const template = parseTemplate(path)
  const placeholders = template.parts.filter((part) => typeof part !== 'string')
  if (placeholders.length === 0) return path
  for (const placeholder of placeholders) {
    const value = lookup(placeholder) ?? null
    if (value === null) throw badValue(path, [placeholder], 'is missing or null')
    if (value === '') throw badValue(path, [placeholder], 'is empty, which would lead to another place of the API')
  }
  const text = fillText(template, lookup, encodeSegment) ?? ''
  const [pathname = ''] = text.split('?', 1)
  const dots = pathname.split('/').find((segment) => segment === '.' || segment === '..')
  if (dots === undefined) return text
  throw badValue(path, placeholders, `makes a segment "${dots}" of it, which would lead to another place of the API`)
}

function badValue(path: string, placeholders: readonly Placeholder[], what: string): MillraceError {
  const names = placeholders.map(placeholderText).join(', ')
  const fromParent = placeholders.some(({ context }) => context === 'resources')
  const help = fromParent ? '; leave such rows of the parent out, with a filter among its processing_steps' : ''
  return new MillraceError('E_PATH', `the value of ${names} in the path "${redactUrls(path)}" ${what}${help}`)
}

function encodeSegment(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
}
