import { type LocalApi, serve } from './serve.ts'

export interface GithubIssue {
  readonly id: number
  readonly number: number
  readonly title: string
  readonly state: string
  readonly updated_at: string
}

export interface Github extends LocalApi {
  readonly token: string
  readonly issues: readonly GithubIssue[]
  addIssue(): void
}

/**
 * Lists the issues of a repository as GitHub does: at most 100 an answer, 30 where nothing is asked, the way to the next
 * page in the `Link` header, and none on the last.
 */
export async function startGithub(): Promise<Github> {
  const token = 'github_pat_11EXAMPLE'
  const issues: GithubIssue[] = []
  function addIssue(): void {
    const number = issues.length + 1
    const updated_at = new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString().replace('.000', '')
    issues.push({ id: 2_900_000_000 + number, number, title: `Issue ${number}`, state: 'open', updated_at })
  }
  for (let count = 0; count < 234; count++) addIssue()

  const api = await serve(({ path, query, headers }, url) => {
    if (headers['authorization'] !== `Bearer ${token}`) return { status: 401, json: { message: 'Bad credentials' } }
    if (!headers['user-agent']) return { status: 403, json: { message: 'Request forbidden by administrative rules' } }
    if (path !== '/repos/octo-org/mill/issues') return { status: 404, json: { message: 'Not Found' } }
    const page = Number(query.get('page') ?? 1)
    const perPage = Math.min(Number(query.get('per_page') ?? 30), 100)
    const since = query.get('since') ?? ''
    const found = issues.filter(({ updated_at }) => updated_at >= since)
    const last = Math.ceil(found.length / perPage)
    const to = (number: number, relation: string): string => {
      const link = new URLSearchParams(query)
      link.set('page', `${number}`)
      return `<${url}${path}?${link}>; rel="${relation}"`
    }
    const links = [
      ...(page > 1 ? [to(page - 1, 'prev')] : []),
      ...(page < last ? [to(page + 1, 'next'), to(last, 'last')] : []),
      ...(page > 1 ? [to(1, 'first')] : []),
    ]
    return {
      headers: { ...(links.length > 0 && { link: links.join(', ') }), 'x-github-api-version-selected': '2022-11-28' },
      json: found.slice((page - 1) * perPage, page * perPage),
    }
  })
  return { ...api, token, issues, addIssue }
}
