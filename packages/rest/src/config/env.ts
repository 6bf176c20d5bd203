import { Secret } from '@millrace/core'
import { ConfigError } from './config-error.ts'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The value of an environment variable, as a secret: for credentials that must not stand in the configuration.
 *
 * It is looked up when it is needed, so a module that only exports a configuration can be loaded without it.
 *
 * @param variables - Default: those of the process.
 * @throws {ConfigError} `E_CONFIG` naming the variable, from `reveal()`, where it is missing or empty. `restSource` reveals.
 * @example
 * restSource({ client: { baseUrl, auth: { type: 'bearer', token: env('API_TOKEN') } }, resources: ['events'] })
 */
export function env(name: string, variables: Variables = process.env): Secret {
  return new EnvironmentSecret(name, variables)
}

class EnvironmentSecret extends Secret {
  readonly #name: string
  readonly #variables: Variables

  constructor(name: string, variables: Variables) {
    super('')
    this.#name = name
    this.#variables = variables
  }

  override reveal(): string {
    const value = this.#variables[this.#name]
    if (value) return value
    throw new ConfigError([{ path: '', message: `the environment variable ${this.#name} is not set` }])
  }
}
