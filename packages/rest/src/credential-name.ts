/** Names of headers and parameters whose values are credentials. */
export const credentialName: RegExp = /auth|cookie|key|pass|pwd|secret|session|signature|token/i
