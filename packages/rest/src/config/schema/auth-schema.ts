import type { SignRequest } from '@millrace/auth'
import type { Authenticator } from '@millrace/http'
import { z } from 'zod'
import type {
  ApiKeyAuthConfig,
  AuthConfig,
  BasicAuthConfig,
  BearerAuthConfig,
  OAuthClientCredentialsConfig,
  OAuthJwtBearerConfig,
  OAuthRefreshTokenConfig,
  SessionTokenConfig,
} from '../auth-config.ts'
import { code, type Fields, httpUrl, madeInCode, name, seconds, secretValue, valuePath } from './fields.ts'

const secretFields = z.record(z.string(), secretValue)

const apiKeyAuth = z.strictObject({
  type: z.literal('api_key'),
  apiKey: secretValue,
  name: name.exactOptional(),
  location: z.enum(['header', 'query', 'param', 'cookie']).exactOptional(),
} satisfies Fields<ApiKeyAuthConfig>)

const bearerAuth = z.strictObject({
  type: z.literal('bearer').exactOptional(),
  token: secretValue,
} satisfies Fields<BearerAuthConfig>)

const basicAuth = z.strictObject({
  type: z.literal('http_basic'),
  username: secretValue,
  password: secretValue,
} satisfies Fields<BasicAuthConfig>)

const clientCredentials = z.strictObject({
  type: z.literal('oauth2_client_credentials'),
  accessTokenUrl: httpUrl,
  clientId: secretValue,
  clientSecret: secretValue,
  accessToken: secretValue.exactOptional(),
  accessTokenRequestData: secretFields.exactOptional(),
  clientAuthentication: z.enum(['body', 'basic']).exactOptional(),
  defaultTokenExpiration: seconds.exactOptional(),
} satisfies Fields<OAuthClientCredentialsConfig>)

const refreshToken = z.strictObject({
  type: z.literal('oauth2_refresh_token'),
  accessTokenUrl: httpUrl,
  clientId: secretValue,
  clientSecret: secretValue.exactOptional(),
  refreshToken: secretValue,
  accessToken: secretValue.exactOptional(),
  accessTokenRequestData: secretFields.exactOptional(),
  clientAuthentication: z.enum(['body', 'basic']).exactOptional(),
  defaultTokenExpiration: seconds.exactOptional(),
} satisfies Fields<OAuthRefreshTokenConfig>)

const jwtBearer = z.strictObject({
  type: z.literal('oauth2_jwt_bearer'),
  authEndpoint: httpUrl,
  clientId: secretValue,
  privateKey: secretValue,
  privateKeyPassphrase: secretValue.exactOptional(),
  algorithm: z.enum(['RS256', 'ES256']).exactOptional(),
  subject: name.exactOptional(),
  audience: name.exactOptional(),
  scopes: z.union([name, z.array(name).min(1)]).exactOptional(),
  headers: secretFields.exactOptional(),
  defaultTokenExpiration: seconds.exactOptional(),
} satisfies Fields<OAuthJwtBearerConfig>)

const sessionToken = z.strictObject({
  type: z.literal('session_token'),
  loginUrl: name,
  method: z.enum(['GET', 'POST']).exactOptional(),
  json: z.record(z.string(), z.unknown()).exactOptional(),
  data: secretFields.exactOptional(),
  headers: secretFields.exactOptional(),
  tokenPath: valuePath.exactOptional(),
  expiresInPath: valuePath.exactOptional(),
  name: name.exactOptional(),
  prefix: z.string().exactOptional(),
  defaultTokenExpiration: seconds.exactOptional(),
} satisfies Fields<SessionTokenConfig>)

export const auth: z.ZodType = z.union([
  madeInCode<Authenticator>(['apply'], 'an authenticator'),
  code<SignRequest>('a function that signs a request'),
  apiKeyAuth,
  bearerAuth,
  basicAuth,
  clientCredentials,
  refreshToken,
  jwtBearer,
  sessionToken,
]) satisfies z.ZodType<AuthConfig>
