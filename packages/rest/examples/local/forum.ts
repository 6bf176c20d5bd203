import { type Answered, type LocalApi, serve } from './serve.ts'

export interface Forum extends LocalApi {
  /** That are not hidden, on boards that are open. */
  readonly topics: readonly { readonly id: number }[]
  readonly posts: readonly { readonly id: number }[]
  /** How often boards were asked for. */
  boardRequests(): number
}

const closedBoard = 2
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

/** Three boards with five topics each, and three posts in each topic; two of anything an answer. One board is closed. */
export async function startForum(): Promise<Forum> {
  const boards = numbers(3).map((id) => ({ id, name: `board ${id}` }))
  const topicsOf = (board: number) =>
    numbers(5).map((number) => ({ id: board * 10 + number, title: `topic ${number}`, hidden: number === 4 }))
  const postsOf = (topic: number) => numbers(3).map((number) => ({ id: topic * 10 + number, text: `post ${number}` }))

  let boardRequests = 0
  const api = await serve(({ path, query }) => {
    const page = Number(query.get('page'))
    const paged = (all: readonly object[]): Answered => ({
      json: { data: all.slice((page - 1) * 2, page * 2), page, pages: Math.ceil(all.length / 2) },
    })
    const [, kind, id, below] = path.split('/')
    if (kind === 'boards' && id === undefined) {
      boardRequests += 1
      return paged(boards)
    }
    if (below === 'topics') {
      return Number(id) === closedBoard ? { status: 403, json: { error: 'closed' } } : paged(topicsOf(Number(id)))
    }
    return paged(postsOf(Number(id)))
  })
  const topics = boards
    .filter(({ id }) => id !== closedBoard)
    .flatMap(({ id }) => topicsOf(id))
    .filter(({ hidden }) => !hidden)
  return { ...api, topics, posts: topics.flatMap(({ id }) => postsOf(id)), boardRequests: () => boardRequests }
}
