import { randomUUID } from 'node:crypto'
import { Secret, systemClock } from '@millrace/core'
import type { Authenticator } from '@millrace/http'
import { createJwtSigner, type JwtAlgorithm } from './create-jwt-signer.ts'
import { type Fields, headersOf } from './fields.ts'
import { type OAuthTokenOptions, oauth } from './oauth.ts'
import { createRecentSecrets } from './recent-secrets.ts'
import type { TokenClientOptions } from './request-token.ts'
import { requireText } from './require-credential.ts'
import { requireHttpUrl } from './require-http-url.ts'
import { secretsAmong } from './secrets-among.ts'

/** Three minutes: the strictest servers take up to five, which leaves two for clocks that differ. */
export const assertionLifeSeconds = 180

/** Those of two renewals, each tried twice at most. */
const rememberedAssertions = 4

export interface OAuthJwtBearerOptions extends Pick<OAuthTokenOptions, 'tokenLifeMs'> {
  readonly tokenUrl: string
  /** `iss` of the assertion. */
  readonly clientId: string | Secret
  /** PEM. An RSA key for RS256, a P-256 key for ES256. */
  readonly privateKey: string | Secret
  readonly passphrase?: string | Secret
  /** Default: by the kind of the key. */
  readonly algorithm?: JwtAlgorithm
  /** `sub`. Default: the client. */
  readonly subject?: string
  /** `aud`. Default: `tokenUrl`. */
  readonly audience?: string
  /** `scope`, in the assertion: where servers that know this grant look for it. */
  readonly scopes?: string | readonly string[]
  /** More headers of the token request. */
  readonly headers?: Fields
}

/**
 * OAuth 2 with a signed assertion in place of a password: service accounts.
 *
 * @see RFC 7523 §2.1
 */
export function oauthJwtBearer(options: OAuthJwtBearerOptions, client: TokenClientOptions = {}): Authenticator {
  const { tokenUrl, subject, audience = tokenUrl, scopes = [], headers = {} } = options
  const { clock = systemClock } = client
  requireHttpUrl('oauthJwtBearer: tokenUrl', tokenUrl)
  const clientId = requireText('oauthJwtBearer: clientId', options.clientId)
  const privateKey = requireText('oauthJwtBearer: privateKey', options.privateKey)
  const passphrase =
    options.passphrase === undefined ? undefined : requireText('oauthJwtBearer: passphrase', options.passphrase)
  const sign = createJwtSigner('oauthJwtBearer', { privateKey, passphrase, algorithm: options.algorithm })
  const secrets = [
    privateKey,
    ...(passphrase ? [passphrase] : []),
    ...(options.clientId instanceof Secret ? [clientId] : []),
    ...secretsAmong(headers),
  ]
  const recent = createRecentSecrets(rememberedAssertions)
  const scope = [scopes].flat().join(' ')

  function assertion(): Secret {
    const iat = Math.floor(clock.now() / 1000)
    const made = new Secret(
      sign({
        iss: clientId.reveal(),
        sub: subject ?? clientId.reveal(),
        aud: audience,
        iat,
        exp: iat + assertionLifeSeconds,
        jti: randomUUID(),
        ...(scope !== '' && { scope }),
      }),
    )
    recent.add(made)
    return made
  }

  const grant = {
    name: 'oauth jwt bearer',
    tokenUrl,
    headers: () => headersOf(headers),
    fields: () => ({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion() }),
    secrets: () => [...secrets, ...recent.all],
  }
  return oauth(grant, options, client)
}
