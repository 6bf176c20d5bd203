import { type Answered, type LocalApi, serve } from './serve.ts'

export interface HubspotContact {
  readonly id: string
  readonly properties: { readonly email: string; readonly createdate: string }
}

export interface Hubspot extends LocalApi {
  readonly token: string
  readonly contacts: readonly HubspotContact[]
}

interface Search {
  readonly filterGroups?: unknown
  readonly limit?: number
  readonly after?: string
}

const failure = (status: number, category: string, message: string): Answered => ({
  status,
  json: { status: 'error', category, message },
})

/**
 * Searches contacts as HubSpot's CRM does: a POST, at most 200 an answer and 10 where nothing is asked, the cursor of the
 * next page at `paging.next.after`, which the last page has not.
 */
export async function startHubspot(): Promise<Hubspot> {
  const token = 'pat-eu1-example'
  const contacts = Array.from({ length: 450 }, (_, index) => {
    const createdate = new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString()
    return { id: `${501 + index}`, properties: { email: `contact${index}@example.com`, createdate }, archived: false }
  })

  const api = await serve(({ method, path, headers, body }) => {
    if (headers['authorization'] !== `Bearer ${token}`) {
      return failure(401, 'INVALID_AUTHENTICATION', 'Authentication credentials not found')
    }
    if (path !== '/crm/v3/objects/contacts/search') return failure(404, 'OBJECT_NOT_FOUND', 'resource not found')
    if (method !== 'POST') return failure(405, 'VALIDATION_ERROR', 'Method Not Allowed')
    const { filterGroups, limit = 10, after = '0' } = body as Search
    if (filterGroups === undefined || limit > 200) return failure(400, 'VALIDATION_ERROR', 'Invalid input JSON')
    const end = Number(after) + limit
    return {
      json: {
        total: contacts.length,
        results: contacts.slice(Number(after), end),
        ...(end < contacts.length && { paging: { next: { after: `${end}` } } }),
      },
    }
  })
  return { ...api, token, contacts }
}
