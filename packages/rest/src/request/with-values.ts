import { type JsonObject, type JsonValue, MillraceError } from '@millrace/core'

/**
 * A copy of a JSON body with values set at dotted paths; objects on the way are made where there are none.
 *
 * @throws {MillraceError} `E_PAGINATOR` where something else than an object is in the way.
 */
export function withValues(body: JsonValue | undefined, values: JsonObject): JsonValue {
  let result: JsonValue = body ?? {}
  for (const [path, value] of Object.entries(values)) result = withValue(result, path.split('.'), value, path)
  return result
}

function withValue(body: JsonValue, [key = '', ...rest]: readonly string[], value: JsonValue, path: string): JsonValue {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new MillraceError(
      'E_PAGINATOR',
      `the paginator cannot set "${path}" in the body of the request: what holds "${key}" there is no object; check the body path against json`,
    )
  }
  const object = body as JsonObject
  const inner = Object.hasOwn(object, key) ? (object[key] ?? {}) : {}
  return { ...object, [key]: rest.length === 0 ? value : withValue(inner, rest, value, path) }
}
