/** The text of whatever was thrown, for libraries that throw strings or nothing at all. */
export function errorMessage(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  return typeof thrown === 'string' ? thrown : String(thrown)
}
