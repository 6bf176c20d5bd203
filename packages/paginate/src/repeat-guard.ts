import type { PageRequest } from './paginator.ts'

/** Requests remembered one by one. A cycle of more pages is found on its second or third round. */
const remembered = 1000

/** Remembers the requests of one iteration, in little memory however many there are. */
export interface RepeatGuard {
  /** Whether this request was made before. */
  isRepeated(request: PageRequest): boolean
  /** @param url - That answered. The first request has none of its own, and a link may lead back to it. */
  made(request: PageRequest, url: string | undefined): void
}

/**
 * The same request is the same page, so one that comes up again means that the pages go round in a circle.
 *
 * The last 1,000 requests are remembered, and one older one, which moves up each time the number of requests doubles:
 * every circle comes back to it (R. P. Brent, 1980).
 */
export function createRepeatGuard(): RepeatGuard {
  const recent = new Set<string>()
  let mark: string | undefined
  let count = 0

  function remember(key: string): void {
    recent.add(key)
    if (recent.size > remembered) for (const oldest of recent) return void recent.delete(oldest)
  }

  return {
    isRepeated: (request) => recent.has(keyOf(request)) || keyOf(request) === mark,
    made(request, url) {
      remember(keyOf(request))
      if (request.url === undefined && url !== undefined) remember(keyOf({ url }))
      count += 1
      if ((count & (count - 1)) === 0) mark = keyOf(request)
    },
  }
}

/** A link says all; of what a paginator remembers beside it, nobody knows that it leads elsewhere. */
function keyOf(request: PageRequest): string {
  return JSON.stringify(request.url === undefined ? request : { ...request, memo: undefined })
}
