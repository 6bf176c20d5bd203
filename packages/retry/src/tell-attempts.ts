import { isMillraceError, rewordError } from '@millrace/core'

/**
 * Makes a {@link MillraceError} say how many attempts were made: `context.attempts`, and a closing remark.
 *
 * One that counts its attempts already (the HTTP client's do) and anything that is not ours is left alone.
 */
export function tellAttempts(thrown: unknown, attempts: number): void {
  if (attempts < 2 || !isMillraceError(thrown) || thrown.context['attempts'] !== undefined) return
  rewordError(thrown, `${thrown.message} (after ${attempts} attempts)`, { ...thrown.context, attempts })
}
