/** Where a peer listens, as people write it, and who can reach that. */
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { AmpError } from '@amp-mesh/protocol'
import { parseAddress } from '../network/address.ts'

export interface ListenAddress {
  host?: string
  port?: number
}

/** A port, a host, or `host:port`. Throws `bad-input`. */
export function listenAddress(listen: string | number = 0): ListenAddress {
  if (typeof listen === 'number') return { port: listen }
  const [, host, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(listen) ?? []
  if (/^\d+$/.test(listen)) return { port: Number(listen) }
  if (Number(port ?? 0) > 65_535 || host === undefined || host === '')
    throw new AmpError('bad-input', `cannot listen on '${listen}'; write a port, a host, or host:port`)
  return { host, ...(port !== undefined && { port: Number(port) }) }
}

/** Whether only this machine reaches it; no host is this machine. */
export const isLoopback = (host = '127.0.0.1'): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/** IP addresses of this machine. */
export const ownIps = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .map(each => each.address)

/** Whether one of the addresses is another machine's. Throws `unknown-address`. */
export function leadElsewhere(addresses: readonly string[]): boolean {
  const own = new Set(ownIps())
  const hosts = addresses.map(address => parseAddress(address).getComponents()[0]?.value)
  return hosts.some(host => !isLoopback(host) && !own.has(host ?? ''))
}
