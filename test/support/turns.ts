/** Turns of the event loop that count as "for ever" where nothing but promises is at work. */
const manyTurns = 100

/** Lets pending promises come to rest, without time passing. */
export async function settle(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** The promise, or an error when it has not settled after many turns: a test that would hang fails instead. */
export async function soon<T>(promise: Promise<T>, what: string): Promise<T> {
  let isSettled = false
  const watched = promise.finally(() => {
    isSettled = true
  })
  watched.catch(() => {})
  for (let turn = 0; turn < manyTurns && !isSettled; turn++) await settle(1)
  if (!isSettled) throw new Error(`${what} does not settle`)
  return watched
}
