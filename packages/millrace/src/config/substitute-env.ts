import { Secret } from '@millrace/core'

export interface Substituted {
  readonly value: unknown
  /** Values that were put in, other than in addresses and names: none of them is ever printed. */
  readonly secrets: readonly Secret[]
  /** Variables that are not set, each with the path of the string that asks for it. */
  readonly missing: readonly { readonly path: string; readonly name: string }[]
}

/** Keys whose values are printed on purpose, so they are taken to be no secret. */
const printed = new Set([
  'base_url',
  'baseUrl',
  'access_token_url',
  'accessTokenUrl',
  'auth_endpoint',
  'authEndpoint',
  'login_url',
  'loginUrl',
  'allowed_hosts',
  'allowedHosts',
  'path',
  'name',
  'table_name',
  'tableName',
  'initial_value',
  'initialValue',
  'end_value',
  'endValue',
])

/**
 * Puts environment variables in the place of `${NAME}` in every string of a configuration. `$${` stands for `${`.
 *
 * @param env Variables by name, usually `process.env`.
 */
export function substituteEnv(config: unknown, env: Readonly<Record<string, string | undefined>>): Substituted {
  const secrets: Secret[] = []
  const missing: { path: string; name: string }[] = []

  const visit = (value: unknown, path: string, key: string): unknown => {
    if (typeof value === 'string') {
      return value.replace(/\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string | undefined) => {
        if (name === undefined) return '${'
        const found = env[name]
        if (found === undefined || found === '') {
          missing.push({ path, name })
          return whole
        }
        if (!printed.has(key)) secrets.push(new Secret(found))
        return found
      })
    }
    if (Array.isArray(value)) return value.map((each, index) => visit(each, `${path}[${index}]`, key))
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, visit(each, path === '' ? name : `${path}.${name}`, name)]),
      )
    }
    return value
  }
  return { value: visit(config, '', ''), secrets, missing }
}
