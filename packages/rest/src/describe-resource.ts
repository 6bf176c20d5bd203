import { redactUrls } from '@millrace/http'
import type { AuthConfig } from './config/auth-config.ts'
import type { PaginatorConfig } from './config/paginator-config.ts'
import type { ClientConfig } from './config/rest-config.ts'
import type { ResourceNode } from './resource-graph.ts'

/** How a resource is read, for people: nothing of it is a secret. */
export function describeResource(
  { merged, parent }: ResourceNode,
  client: ClientConfig,
): Readonly<Record<string, string>> {
  if ('rows' in merged) return Object.freeze({ rows: 'from code' })
  const { endpoint, parallelized, uniqueParents, processingSteps } = merged
  const { method = 'GET', path, paginator, dataSelector, auth, incremental } = endpoint
  const paging = paginator ?? client.paginator
  const credentials = auth === undefined ? client.auth : auth
  return Object.freeze({
    request: `${method} ${redactUrls(path)}`,
    ...(parent && {
      parent: `${parent.node.merged.name}, one read for each${uniqueParents ? ' different' : ''} row${parallelized ? ', several at once' : ''}`,
    }),
    paginator: paging === undefined ? 'found out from the first answer' : nameOfPaginator(paging),
    rows: dataSelector ?? 'found out from the first answer',
    auth: credentials ? nameOfAuth(credentials) : 'none',
    ...(incremental && { incremental: `by ${incremental.cursorPath}` }),
    ...(processingSteps.length > 0 && {
      steps: processingSteps.map((step) => Object.keys(step)[0]).join(', '),
    }),
  })
}

function nameOfPaginator(paginator: PaginatorConfig): string {
  if (typeof paginator === 'string') return paginator
  return 'next' in paginator ? `${paginator.name} (from code)` : paginator.type
}

function nameOfAuth(auth: AuthConfig): string {
  if (typeof auth === 'function') return 'a signing function'
  if ('apply' in auth) return `${auth.name} (from code)`
  return auth.type ?? 'bearer'
}
