import { EndpointProblem } from './endpoint-problem.ts'
import type { IncrementalConfig } from './incremental-config.ts'
import type { EndpointConfig, ParamValue } from './rest-config.ts'

/** A parameter in dlt's older form: its value is a field of a parent's row. Newer: `{resources.<resource>.<field>}`. */
export interface ResolveParam {
  readonly type: 'resolve'
  readonly resource: string
  readonly field: string
}

/** A parameter in dlt's older form: the start value of an incremental read. Newer: `incremental` with `start_param`. */
export interface IncrementalParam extends Omit<IncrementalConfig, 'startParam' | 'endParam'> {
  readonly type: 'incremental'
  /** An older word for `convert`. */
  readonly transform?: IncrementalConfig['convert']
}

export type LegacyParam = ResolveParam | IncrementalParam

/** An endpoint in which every parameter is a value. */
export type ModernEndpoint = Omit<EndpointConfig, 'params'> & {
  readonly path: string
  readonly params?: Readonly<Record<string, ParamValue>>
}

/**
 * The same endpoint without dlt's older forms: typed parameters, and parameters that fill a `{name}` of the path.
 *
 * @throws {EndpointProblem} where a brace of the path has nothing to stand for, or two forms contradict each other.
 */
export function modernEndpoint(endpoint: EndpointConfig & { readonly path: string }): ModernEndpoint {
  const { params, ...rest } = endpoint
  const given: [string, ParamValue][] = []
  let { path, incremental } = endpoint
  for (const [name, value] of Object.entries(params ?? {})) {
    if (isIncremental(value)) {
      if (incremental) {
        throw new EndpointProblem(['params', name], 'is incremental, and the endpoint has an incremental already')
      }
      const { type: _, transform, ...settings } = value
      incremental = { ...settings, startParam: name, ...(transform && { convert: transform }) }
      continue
    }
    const modern = isResolve(value) ? `{resources.${value.resource}.${value.field}}` : value
    const bound = path.replaceAll(`{${name}}`, () => pathText(name, modern))
    if (bound === path) given.push([name, modern])
    path = bound
  }
  const brace = /\{(?!incremental\.|resources\.)([^{}]*)\}/.exec(path)
  if (brace) {
    throw new EndpointProblem(['path'], `has ${brace[0]}, and there is no parameter "${brace[1]}" in params`)
  }
  return {
    ...rest,
    path,
    ...(params && { params: Object.fromEntries(given) }),
    ...(incremental !== undefined && { incremental }),
  }
}

function pathText(name: string, value: ParamValue): string {
  if (typeof value === 'object') {
    throw new EndpointProblem(['params', name], 'fills a place in the path, and must be one value')
  }
  const text = String(value)
  return text.includes('{') ? text : encodeURIComponent(text)
}

function isResolve(value: ParamValue | LegacyParam): value is ResolveParam {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'resolve'
}

function isIncremental(value: ParamValue | LegacyParam): value is IncrementalParam {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'incremental'
}
