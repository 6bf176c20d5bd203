export { type ApiKeyOptions, apiKey, defaultKeyName } from './api-key.ts'
export { type BasicOptions, basic } from './basic.ts'
export { bearer } from './bearer.ts'
export type { ClientAuthenticationOptions } from './client-authentication.ts'
export type { JwtAlgorithm } from './create-jwt-signer.ts'
export type { Fields } from './fields.ts'
export type { OAuthTokenOptions } from './oauth.ts'
export { type OAuthClientCredentialsOptions, oauthClientCredentials } from './oauth-client-credentials.ts'
export { assertionLifeSeconds, type OAuthJwtBearerOptions, oauthJwtBearer } from './oauth-jwt-bearer.ts'
export { type OAuthRefreshTokenOptions, oauthRefreshToken } from './oauth-refresh-token.ts'
export { type TokenClientOptions, tokenRetries } from './request-token.ts'
export { defaultTokenPath, type SessionTokenOptions, sessionToken } from './session-token.ts'
export { type SignOptions, type SignRequest, sign } from './sign.ts'
export { defaultTokenLifeMs } from './token-authenticator.ts'
export {
  createTokenCache,
  type FetchContext,
  type FetchedToken,
  renewalShare,
  type TokenCache,
  type TokenCacheOptions,
} from './token-cache.ts'
