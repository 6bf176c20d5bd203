import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { isPrivateAddress, PrivateNetworkError } from './private-network.ts'

export interface AgentOptions {
  readonly connectTimeoutMs: number
  readonly blockPrivateNetworks: boolean
  /** Whether connections are used again. */
  readonly keepAlive: boolean
}

/** Connections to the hosts of one client. */
export function createAgent({ connectTimeoutMs, blockPrivateNetworks, keepAlive }: AgentOptions): Agent {
  const timeout = connectTimeoutMs
  const pipelining = keepAlive ? 1 : 0
  if (!blockPrivateNetworks) return new Agent({ pipelining, connect: { timeout } })
  const connect = buildConnector({ timeout, lookup: lookupPublic })
  return new Agent({
    pipelining,
    connect: (options, callback) => {
      // An address in a URL is never looked up.
      const address = options.hostname.replace(/^\[|\]$/g, '')
      if (isPrivateAddress(address)) return callback(new PrivateNetworkError(address), null)
      connect(options, callback)
    },
  })
}

/**
 * Looks a name up and refuses it where any of its addresses is private. Here, and not before the request: what is checked
 * is what is connected to, so a name that changes its address in between gains nothing.
 */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  const all: LookupOptions & { all: true } = { ...options, all: true }
  lookup(hostname, all, (error, addresses) => {
    if (error) return callback(error, '')
    const refused = addresses.find(({ address }) => isPrivateAddress(address))
    if (refused) return callback(new PrivateNetworkError(refused.address), '')
    const [first] = addresses as [LookupAddress]
    if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}
