import { hasPlaceholder, parseTemplate } from '../request/template.ts'
import type { EndpointConfig } from './rest-config.ts'

/** Whether a request has `{incremental.…}` in its path, and whether it has one at all. */
export function usesStartValue(endpoint: EndpointConfig): { readonly inPath: boolean; readonly anywhere: boolean } {
  const inPath = isIn(endpoint.path)
  return { inPath, anywhere: inPath || isIn(endpoint.params) || isIn(endpoint.headers) || isIn(endpoint.json) }
}

function isIn(value: unknown): boolean {
  if (typeof value === 'string') return hasPlaceholder(parseTemplate(value))
  return typeof value === 'object' && value !== null && Object.values(value).some(isIn)
}
