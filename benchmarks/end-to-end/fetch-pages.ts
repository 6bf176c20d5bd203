import type { Task } from './contend.ts'

/** A row of the API, for those who know beforehand what it sends. */
export interface KnownRow {
  readonly id: number
  readonly account_id: number | null
  readonly quantity: number
  readonly price: number
  readonly score: number
  readonly is_active: boolean
  readonly is_verified: boolean | null
  readonly country: string
  readonly email: string | null
  readonly note: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** The loop that everyone writes first: `fetch`, `JSON.parse`, the next offset, until a page is empty. */
export async function* fetchPages({ url, limit, page }: Task): AsyncGenerator<KnownRow[]> {
  for (let offset = 0; ; offset += limit) {
    const response = await fetch(`${url}/rows?offset=${offset}&limit=${limit}`)
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`)
    const { data } = JSON.parse(await response.text()) as { data: KnownRow[] }
    page()
    if (data.length === 0) return
    yield data
  }
}
