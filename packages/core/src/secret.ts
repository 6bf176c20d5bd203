const redacted = '[redacted]'

/**
 * A value that no log, error, `JSON.stringify` or `util.inspect` can show. `reveal()` is the only way to it.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Call it at the moment of sending, and keep the result in no variable that outlives it. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }
}

// What `console.log` and `util.inspect` ask for; by its registered name, so that this file needs no Node.
Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: () => redacted })

/** Wraps a plain string; a `Secret` passes through. */
export function secret(value: string | Secret): Secret {
  return value instanceof Secret ? value : new Secret(value)
}
