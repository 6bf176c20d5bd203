import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { Secret } from '@millrace/core'

/** RSA with SHA-256, or ECDSA on P-256 with SHA-256 (RFC 7518 §3.1). */
export type JwtAlgorithm = 'RS256' | 'ES256'

export interface JwtKeyOptions {
  /** PEM. An RSA key for RS256, a P-256 key for ES256. */
  readonly privateKey: Secret
  readonly passphrase?: Secret | undefined
  /** Default: by the kind of the key. */
  readonly algorithm?: JwtAlgorithm | undefined
}

/** Claims in, signed token out. */
export type JwtSigner = (claims: Readonly<Record<string, string | number>>) => string

/**
 * Signs JSON Web Tokens with one key, which is read once.
 *
 * @param what - Who wants it, for errors. They never quote the key.
 * @see RFC 7515 §3.1 (compact form), RFC 7518 §3.4 (ES256: both numbers in a row, not in DER)
 */
export function createJwtSigner(what: string, options: JwtKeyOptions): JwtSigner {
  const key = readKey(what, options)
  const fit = algorithmOf(key)
  const { algorithm = fit } = options
  if (!fit) {
    const kind = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType
    throw new RangeError(`${what}: privateKey must be an RSA key or a P-256 key, got one of the kind ${kind}`)
  }
  if (algorithm !== fit) {
    throw new RangeError(`${what}: algorithm is "${algorithm}", but privateKey is a key for "${fit}"`)
  }
  const header = encoded({ alg: algorithm, typ: 'JWT' })
  return (claims) => {
    const text = `${header}.${encoded(claims)}`
    return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
  }
}

function readKey(what: string, { privateKey, passphrase }: JwtKeyOptions): KeyObject {
  // Environment variables often hold a key as one line, with `\n` written out.
  const pem = privateKey.reveal().replaceAll('\\n', '\n')
  try {
    return createPrivateKey({ key: pem, ...(passphrase && { passphrase: passphrase.reveal() }) })
  } catch {
    throw new RangeError(`${what}: privateKey cannot be read: is it a whole PEM key, and the passphrase right?`)
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): JwtAlgorithm | undefined {
  if (asymmetricKeyType === 'rsa') return 'RS256'
  return asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : undefined
}

function encoded(part: Readonly<Record<string, string | number>>): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
