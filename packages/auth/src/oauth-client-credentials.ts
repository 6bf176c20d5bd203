import type { Authenticator } from '@millrace/http'
import { type ClientAuthenticationOptions, clientAuthentication } from './client-authentication.ts'
import type { Fields } from './fields.ts'
import { type OAuthTokenOptions, oauth } from './oauth.ts'
import type { TokenClientOptions } from './request-token.ts'
import { requireHttpUrl } from './require-http-url.ts'
import { secretsAmong } from './secrets-among.ts'

export interface OAuthClientCredentialsOptions
  extends OAuthTokenOptions,
    Omit<ClientAuthenticationOptions, 'clientSecret'>,
    Required<Pick<ClientAuthenticationOptions, 'clientSecret'>> {
  readonly tokenUrl: string
  /** More fields of the token request, such as `scope`. They win over our own: `grant_type` too. */
  readonly fields?: Fields
}

/**
 * OAuth 2 client credentials: a program that acts for itself.
 *
 * @see RFC 6749 §4.4
 * @example
 * oauthClientCredentials({ tokenUrl: 'https://login.example.com/token', clientId: 'my-app', clientSecret: secret })
 */
export function oauthClientCredentials(
  options: OAuthClientCredentialsOptions,
  client: TokenClientOptions = {},
): Authenticator {
  const { tokenUrl, fields = {} } = options
  requireHttpUrl('oauthClientCredentials: tokenUrl', tokenUrl)
  const self = clientAuthentication('oauthClientCredentials', options)
  const secrets = [...self.secrets, ...secretsAmong(fields)]
  const grant = {
    name: 'oauth client credentials',
    tokenUrl,
    headers: self.headers,
    fields: () => ({ grant_type: 'client_credentials', ...self.fields(), ...fields }),
    secrets: () => secrets,
  }
  return oauth(grant, options, client)
}
