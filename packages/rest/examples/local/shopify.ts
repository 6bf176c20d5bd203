import { type LocalApi, serve } from './serve.ts'

export interface ShopifyProduct {
  readonly id: number
  readonly title: string
  readonly status: string
}

export interface Shopify extends LocalApi {
  readonly token: string
  readonly products: readonly ShopifyProduct[]
}

/**
 * Lists products as Shopify's REST Admin API does: at most 250 an answer, 50 where nothing is asked. The place of the next
 * page, filters included, is in `page_info` of the `Link` header; beside it only `limit` and `fields` are taken.
 */
export async function startShopify(): Promise<Shopify> {
  const token = 'shpat_example'
  const products = Array.from({ length: 612 }, (_, index) => ({
    id: 7_900_000_000_000 + index,
    title: `Product ${index}`,
    status: 'active',
  }))

  const api = await serve(({ path, query, headers }, url) => {
    if (headers['x-shopify-access-token'] !== token) {
      return { status: 401, json: { errors: '[API] Invalid API key or access token' } }
    }
    if (path !== '/admin/api/2025-01/products.json') return { status: 404, json: { errors: 'Not Found' } }
    const pageInfo = query.get('page_info')
    const others = [...query.keys()].filter((name) => !['page_info', 'limit', 'fields'].includes(name))
    if (pageInfo !== null && others.length > 0) {
      return { status: 400, json: { errors: { [`${others[0]}`]: 'cannot be passed when page_info is present' } } }
    }
    const limit = Math.min(Number(query.get('limit') ?? 50), 250)
    const decoded = pageInfo === null ? '{"start":0}' : Buffer.from(pageInfo, 'base64url').toString()
    const { start } = JSON.parse(decoded) as { start: number }
    const to = (place: object, relation: string): string => {
      const info = Buffer.from(JSON.stringify(place)).toString('base64url')
      return `<${url}${path}?limit=${limit}&page_info=${info}>; rel="${relation}"`
    }
    const links = [
      ...(start > 0 ? [to({ direction: 'prev', start: Math.max(0, start - limit) }, 'previous')] : []),
      ...(start + limit < products.length ? [to({ direction: 'next', start: start + limit }, 'next')] : []),
    ]
    return {
      headers: { 'x-shopify-shop-api-call-limit': '1/40', ...(links.length > 0 && { link: links.join(', ') }) },
      json: { products: products.slice(start, start + limit) },
    }
  })
  return { ...api, token, products }
}
