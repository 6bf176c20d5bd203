import { isMillraceError } from '@millrace/core'

/**
 * Makes a {@link MillraceError} say how many attempts were made: `context.attempts`, and a closing remark.
 *
 * The error stays the same object, so that its class, code and identity stay what the caller knows. One that counts its
 * attempts already (the HTTP client's do) and anything that is not ours is left alone.
 */
export function tellAttempts(thrown: unknown, attempts: number): void {
  if (attempts < 2 || !isMillraceError(thrown) || thrown.context['attempts'] !== undefined) return
  const message = `${thrown.message} (after ${attempts} attempts)`
  const stack = thrown.stack?.replace(thrown.message, () => message)
  Object.defineProperties(thrown, {
    message: { value: message, configurable: true, writable: true },
    stack: { value: stack, configurable: true, writable: true },
    context: { value: Object.freeze({ ...thrown.context, attempts }), configurable: true, enumerable: true },
  })
}
