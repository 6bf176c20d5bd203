import { type LocalApi, serve } from './serve.ts'

export interface JiraIssue {
  readonly id: string
  readonly key: string
}

export interface Jira extends LocalApi {
  readonly user: string
  readonly password: string
  readonly issues: readonly JiraIssue[]
}

interface Search {
  readonly jql?: string
  readonly startAt?: number
  readonly maxResults?: number
}

/** Issues per answer at most, whatever is asked: an administrator of Jira sets it. */
const mostResults = 100

/** Searches issues as Jira Data Center does: a POST with `startAt` and `maxResults`, and the number of all in `total`. */
export async function startJira(): Promise<Jira> {
  const [user, password] = ['reader', 'reader-password']
  const issues = Array.from({ length: 345 }, (_, index) => ({
    id: `${10_001 + index}`,
    key: `MILL-${index + 1}`,
    fields: { summary: `Issue ${index + 1}`, updated: '2026-01-01T00:00:00.000+0000' },
  }))

  const api = await serve(({ method, path, headers, body }) => {
    const credentials = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    if (headers['authorization'] !== credentials) return { status: 401, json: { errorMessages: ['Unauthorized'] } }
    if (method !== 'POST' || path !== '/rest/api/2/search')
      return { status: 404, json: { errorMessages: ['Not found'] } }
    const { jql, startAt = 0, maxResults = 50 } = body as Search
    if (jql === undefined) return { status: 400, json: { errorMessages: ['jql is missing'] } }
    const most = Math.min(maxResults, mostResults)
    return {
      json: {
        expand: 'names,schema',
        startAt,
        maxResults: most,
        total: issues.length,
        issues: issues.slice(startAt, startAt + most),
      },
    }
  })
  return { ...api, user, password, issues }
}
