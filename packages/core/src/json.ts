/** A value as JSON can carry it. Integers beyond 2^53 arrive as `bigint`, never rounded. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject

/** A JSON object. Keys are the API's own, in the API's order. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** Whether a value is an object of JSON: neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
