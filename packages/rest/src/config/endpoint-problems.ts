import { incrementalProblems } from '../incremental/incremental-problems.ts'
import { placeholdersOfEndpoint } from '../parents/parent-link.ts'
import type { ModernEndpoint } from './legacy-params.ts'
import type { PaginatorConfig } from './paginator-config.ts'
import type { ConfigPath } from './respell.ts'
import type { ClientConfig } from './rest-config.ts'
import { snakeCase } from './spelling.ts'

/** What is wrong about an endpoint in the light of its other keys, each with its place counted from the endpoint. */
export function endpointProblems(
  endpoint: ModernEndpoint,
  client: ClientConfig,
): (readonly [at: ConfigPath, message: string])[] {
  const { incremental, json, data } = endpoint
  const problems: (readonly [ConfigPath, string])[] = []
  if (isBody(json) && isBody(data)) {
    problems.push([['data'], 'a request has one body: json or data; null takes away what the defaults say'])
  }
  const inBody = keyInBody(endpoint.paginator ?? client.paginator)
  if (isBody(data) && inBody !== undefined) {
    problems.push([['data'], `the paginator has ${snakeCase(inBody)}, and pages in a JSON body: use json`])
  }
  for (const [key, message] of incremental ? incrementalProblems(incremental) : []) {
    problems.push([['incremental', key], message])
  }
  for (const placeholder of placeholdersOfEndpoint(endpoint)) {
    if (placeholder.context !== 'incremental') continue
    const { at, field } = placeholder
    if (!incremental) {
      problems.push([at, `has the placeholder {incremental.${field}}, and the endpoint has no incremental`])
    } else if (at[0] === 'path' && incremental.initialValue === undefined) {
      problems.push([at, 'has a placeholder that is empty in the first run: set initial_value'])
    }
  }
  return problems
}

function isBody(given: unknown): boolean {
  return given !== undefined && given !== null
}

/** The setting by which a paginator puts something into the body of the request. */
function keyInBody(paginator: PaginatorConfig | undefined): string | undefined {
  return typeof paginator === 'object' ? Object.keys(paginator).find((key) => key.endsWith('BodyPath')) : undefined
}
