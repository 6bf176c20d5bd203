import type { PageRequest, Paginator } from './paginator.ts'

const once: Paginator = Object.freeze({
  name: 'singlePage',
  first: (): PageRequest => ({}),
  next: () => undefined,
})

/** One request and no more: for endpoints that answer with everything at once. */
export function singlePage(): Paginator {
  return once
}
