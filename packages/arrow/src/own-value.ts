/**
 * The value of an own key, as a lookup safe for any name: a missing `__proto__` or `constructor` reads as undefined, not
 * as what every object inherits.
 */
export function ownValue(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return key in Object.prototype && !Object.hasOwn(object, key) ? undefined : object[key]
}
