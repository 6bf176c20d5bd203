import { BlockList, isIP, isIPv4 } from 'node:net'

/** This machine, private and shared networks, link-local, and what is no place to connect to. */
const ipv4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** The same for IPv6. Not the block of mapped addresses: a public one may be mapped too. */
const ipv6: readonly (readonly [network: string, prefix: number])[] = [
  ['::', 127],
  ['64:ff9b:1::', 48],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]

/** IPv6 addresses that end in an IPv4 address and lead there: compatible, mapped, translated (RFC 4291, RFC 6052). */
const embedding: readonly string[] = ['::', '::ffff:', '64:ff9b::']

const blocked = new BlockList()
for (const [network, prefix] of ipv4) {
  blocked.addSubnet(network, prefix, 'ipv4')
  for (const before of embedding) blocked.addSubnet(before + network, 96 + prefix, 'ipv6')
}
for (const [network, prefix] of ipv6) blocked.addSubnet(network, prefix, 'ipv6')

/**
 * Whether an IP address is of this machine or of a network that is not the internet.
 *
 * @see IANA IPv4 and IPv6 Special-Purpose Address Registries
 */
export function isPrivateAddress(address: string): boolean {
  if (isIP(address) === 0) return false
  return blocked.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** The connection was not made, because it would have led to such an address. */
export class PrivateNetworkError extends Error {
  readonly code = 'ERR_PRIVATE_NETWORK'

  constructor(address: string) {
    super(`${address} is of this machine or a private network`)
  }
}
