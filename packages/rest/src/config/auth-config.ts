import type { SignRequest } from '@millrace/auth'
import type { Secret } from '@millrace/core'
import type { Authenticator } from '@millrace/http'

/** What can hold a secret: the text itself, or one wrapped by `secret()` or `env('NAME')`. */
export type SecretValue = string | Secret

/** How to get in: one of the kinds by `type`, or code. */
export type AuthConfig =
  | ApiKeyAuthConfig
  | BearerAuthConfig
  | BasicAuthConfig
  | OAuthClientCredentialsConfig
  | OAuthRefreshTokenConfig
  | OAuthJwtBearerConfig
  | SessionTokenConfig
  | Authenticator
  | SignRequest

/** A key in a header, in the query or in a cookie. */
export interface ApiKeyAuthConfig {
  readonly type: 'api_key'
  /** The key. */
  readonly apiKey: SecretValue
  /** Name of the header, parameter or cookie. Default `Authorization`. */
  readonly name?: string
  /** Default `header`. `param` is another word for `query`. */
  readonly location?: 'header' | 'query' | 'param' | 'cookie'
}

/** `Authorization: Bearer …`. */
export interface BearerAuthConfig {
  readonly type?: 'bearer'
  readonly token: SecretValue
}

/** User name and password, RFC 7617. */
export interface BasicAuthConfig {
  readonly type: 'http_basic'
  readonly username: SecretValue
  readonly password: SecretValue
}

/** What all ways to fetch a token have in common. */
export interface TokenConfig {
  /** Seconds a token is good for where the answer does not say. Default 3600. */
  readonly defaultTokenExpiration?: number
}

/** OAuth 2 client credentials, RFC 6749 §4.4. */
export interface OAuthClientCredentialsConfig extends TokenConfig {
  readonly type: 'oauth2_client_credentials'
  readonly accessTokenUrl: string
  readonly clientId: SecretValue
  readonly clientSecret: SecretValue
  /** A token that is there already: used until the API refuses it. */
  readonly accessToken?: SecretValue
  /** More fields for the token request, such as `scope` or `audience`. */
  readonly accessTokenRequestData?: Readonly<Record<string, SecretValue>>
  /** Whether client id and secret go into the form (`body`, the default) or into a Basic header. */
  readonly clientAuthentication?: 'body' | 'basic'
}

/** OAuth 2 refresh token, RFC 6749 §6. */
export interface OAuthRefreshTokenConfig extends TokenConfig {
  readonly type: 'oauth2_refresh_token'
  readonly accessTokenUrl: string
  readonly clientId: SecretValue
  /** Missing for public clients. */
  readonly clientSecret?: SecretValue
  readonly refreshToken: SecretValue
  /** A token that is there already: used until the API refuses it. */
  readonly accessToken?: SecretValue
  /** More fields for the token request, such as `scope`. */
  readonly accessTokenRequestData?: Readonly<Record<string, SecretValue>>
  /** Whether client id and secret go into the form (`body`, the default) or into a Basic header. */
  readonly clientAuthentication?: 'body' | 'basic'
}

/** OAuth 2 with a signed assertion, RFC 7523: service accounts. */
export interface OAuthJwtBearerConfig extends TokenConfig {
  readonly type: 'oauth2_jwt_bearer'
  /** Where the token is fetched. */
  readonly authEndpoint: string
  /** `iss` and `sub` of the assertion. */
  readonly clientId: SecretValue
  /** PEM. An RSA key for RS256, a P-256 key for ES256. */
  readonly privateKey: SecretValue
  readonly privateKeyPassphrase?: SecretValue
  /** Default: by the kind of the key. */
  readonly algorithm?: 'RS256' | 'ES256'
  /** `sub`, where it is not the client. */
  readonly subject?: string
  /** `aud`. Default: `authEndpoint`. */
  readonly audience?: string
  readonly scopes?: string | readonly string[]
  /** More headers of the token request. */
  readonly headers?: Readonly<Record<string, SecretValue>>
}

/** A login request that answers with a token for all further requests. */
export interface SessionTokenConfig extends TokenConfig {
  readonly type: 'session_token'
  /** Absolute, or joined to the client's `baseUrl`. */
  readonly loginUrl: string
  /** Default `POST`. */
  readonly method?: 'GET' | 'POST'
  /** Body of the login request, sent as JSON. Its texts may be secrets. */
  readonly json?: Readonly<Record<string, unknown>>
  /** The same sent as a form. */
  readonly data?: Readonly<Record<string, SecretValue>>
  /** Headers of the login request. */
  readonly headers?: Readonly<Record<string, SecretValue>>
  /** Where the token is in the body of the answer. Default `token`. */
  readonly tokenPath?: string
  /** Where the answer says for how many seconds the token is good. Default `expires_in`, where there is one. */
  readonly expiresInPath?: string
  /** Name of the header that carries the token. Default `Authorization`. */
  readonly name?: string
  /** What stands before the token in the header. Default `Bearer ` in `Authorization`, else nothing. */
  readonly prefix?: string
}
