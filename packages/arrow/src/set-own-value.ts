/** Gives an object a key of any name. A plain assignment to `__proto__` would set the object's prototype. */
export function setOwnValue(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  } else object[key] = value
}
