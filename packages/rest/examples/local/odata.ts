import { type LocalApi, serve } from './serve.ts'

export interface ODataOrder {
  readonly id: number
  readonly customer: string
  readonly modified: string
}

export interface OData extends LocalApi {
  readonly token: string
  readonly orders: readonly ODataOrder[]
}

/**
 * Lists an entity set as an OData 4 service does that pages by itself: the size of a page is a wish in `Prefer`, the way
 * to the next one is `@odata.nextLink` with the options of the first request and a `$skiptoken`.
 */
export async function startOdata(): Promise<OData> {
  const token = 'odata-example-token'
  const orders = Array.from({ length: 260 }, (_, index) => ({
    id: index + 1,
    customer: `C${index % 7}`,
    modified: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString().replace('.000', ''),
  }))

  const api = await serve(({ path, query, headers }, url) => {
    if (headers['authorization'] !== `Bearer ${token}`)
      return { status: 401, json: { error: { code: 'Unauthorized' } } }
    if (path !== '/odata/v4/Orders') return { status: 404, json: { error: { code: 'NotFound' } } }
    const since = /^modified ge (\S+)$/.exec(query.get('$filter') ?? '')?.[1]
    if (since === undefined) return { status: 400, json: { error: { code: 'BadFilter' } } }
    const size = Number(/odata\.maxpagesize=(\d+)/.exec(String(headers['prefer']))?.[1] ?? 50)
    const start = Number(query.get('$skiptoken') ?? 0)
    const found = orders.filter(({ modified }) => modified >= since)
    const next = new URLSearchParams(query)
    next.set('$skiptoken', `${start + size}`)
    return {
      headers: {
        'content-type': 'application/json;odata.metadata=minimal',
        'odata-version': '4.0',
        'preference-applied': `odata.maxpagesize=${size}`,
      },
      json: {
        '@odata.context': `${url}/odata/v4/$metadata#Orders`,
        value: found.slice(start, start + size),
        ...(start + size < found.length && { '@odata.nextLink': `${url}${path}?${next}` }),
      },
    }
  })
  return { ...api, token, orders }
}
