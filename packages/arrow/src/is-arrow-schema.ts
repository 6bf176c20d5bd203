import type { Schema } from 'apache-arrow'

/** By what it says of itself: a program may have two copies of the library. */
export function isArrowSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Schema]'
}
