/** The text of whatever was thrown, for libraries that throw strings or nothing at all. */
export function errorMessage(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown)
  // How Node says "refused at every address of this host": the reasons are inside, the message is empty.
  if (thrown instanceof AggregateError && thrown.message === '') return thrown.errors.map(errorMessage).join('; ')
  const { message, name } = thrown as Partial<Error>
  return message || name || Object.prototype.toString.call(thrown)
}
