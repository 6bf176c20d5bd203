import { type Answered, type LocalApi, serve } from './serve.ts'

export interface StripeObject {
  readonly id: string
  readonly object: string
  readonly created: number
}

export interface Stripe extends LocalApi {
  readonly key: string
  readonly charges: readonly StripeObject[]
  readonly customers: readonly StripeObject[]
}

const failure = (status: number, message: string): Answered => ({
  status,
  json: { error: { type: 'invalid_request_error', message } },
})

function objects(object: string, prefix: string, count: number): StripeObject[] {
  const all = Array.from({ length: count }, (_, index) => {
    const id = `${prefix}_3Mmlexample${String(index).padStart(4, '0')}`
    return { id, object, created: 1_770_000_000 + index * 60, livemode: false, amount: 100 + index, currency: 'eur' }
  })
  // The newest first.
  return all.reverse()
}

/** Lists objects as Stripe does: at most 100 an answer, 10 where nothing is asked, after the object `starting_after`. */
export async function startStripe(): Promise<Stripe> {
  const key = 'sk_test_4eC39example'
  const lists = { charges: objects('charge', 'ch', 321), customers: objects('customer', 'cus', 100) }

  const api = await serve(({ path, query, headers }) => {
    const credentials = `Basic ${Buffer.from(`${key}:`).toString('base64')}`
    if (headers['authorization'] !== credentials) return failure(401, 'Invalid API Key provided')
    const list = Object.entries(lists).find(([name]) => path === `/v1/${name}`)?.[1]
    if (!list) return failure(404, `Unrecognized request URL (GET: ${path})`)
    const limit = Number(query.get('limit') ?? 10)
    if (!(limit >= 1 && limit <= 100)) return failure(400, 'Invalid limit')
    const after = query.get('starting_after')
    const start = after === null ? 0 : list.findIndex(({ id }) => id === after) + 1
    if (after !== null && start === 0) return failure(400, `No such object: '${after}'`)
    const data = list.slice(start, start + limit)
    return { json: { object: 'list', url: path, has_more: start + limit < list.length, data } }
  })
  return { ...api, key, ...lists }
}
