import {
  apiKey,
  basic,
  bearer,
  oauthClientCredentials,
  oauthJwtBearer,
  oauthRefreshToken,
  sessionToken,
  sign,
  type TokenClientOptions,
} from '@millrace/auth'
import { type Authenticator, redactUrls, resolveUrl } from '@millrace/http'
import type { AuthConfig, TokenConfig } from '../config/auth-config.ts'

export interface AuthSurroundings extends TokenClientOptions {
  /** What a relative `loginUrl` is joined to. */
  readonly baseUrl: string
}

/**
 * The authenticator that a configuration describes. Who shares it shares its token.
 *
 * @throws {RangeError} where the credentials cannot be sent; it does not quote them.
 */
export function createAuth(auth: AuthConfig, { baseUrl, ...client }: AuthSurroundings): Authenticator {
  if (typeof auth === 'function') return sign(auth)
  if ('apply' in auth) return auth
  switch (auth.type) {
    case 'api_key': {
      const { apiKey: key, name, location = 'header' } = auth
      return apiKey({ key, in: location === 'param' ? 'query' : location, ...(name !== undefined && { name }) })
    }
    case 'http_basic':
      return basic(auth)
    case 'oauth2_client_credentials': {
      const { accessTokenUrl: tokenUrl, accessTokenRequestData: fields = {}, ...rest } = auth
      return oauthClientCredentials({ ...rest, tokenUrl, fields, ...lifeOf(auth) }, client)
    }
    case 'oauth2_refresh_token': {
      const { accessTokenUrl: tokenUrl, accessTokenRequestData: fields = {}, ...rest } = auth
      return oauthRefreshToken({ ...rest, tokenUrl, fields, ...lifeOf(auth) }, client)
    }
    case 'oauth2_jwt_bearer': {
      const { authEndpoint: tokenUrl, privateKeyPassphrase: passphrase, ...rest } = auth
      return oauthJwtBearer(
        { ...rest, tokenUrl, ...(passphrase !== undefined && { passphrase }), ...lifeOf(auth) },
        client,
      )
    }
    case 'session_token': {
      const { name: header, data: form, ...rest } = auth
      const loginUrl = resolveUrl(new URL(baseUrl), auth.loginUrl, redactUrls).href
      const renamed = { ...(header !== undefined && { header }), ...(form && { form }), ...lifeOf(auth) }
      return sessionToken({ ...rest, ...renamed, loginUrl }, client)
    }
    default:
      return bearer(auth.token)
  }
}

/** The configuration counts in seconds. */
function lifeOf({ defaultTokenExpiration: seconds }: TokenConfig): { readonly tokenLifeMs?: number } {
  return seconds === undefined ? {} : { tokenLifeMs: seconds * 1000 }
}
