import type { ErrorContext, MillraceError } from './millrace-error.ts'

/**
 * Gives an error another message and context, in its stack too.
 *
 * It stays the same object, so that its class, code and identity stay what the caller knows.
 */
export function rewordError(error: MillraceError, message: string, context: ErrorContext): void {
  Object.defineProperties(error, {
    message: { value: message, configurable: true, writable: true },
    stack: { value: error.stack?.replace(error.message, () => message), configurable: true, writable: true },
    context: { value: Object.freeze(context), configurable: true, enumerable: true },
  })
}
