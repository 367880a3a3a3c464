/** Addresses as people write them: multiaddrs, `host:port`, `ws://host:port`, `http://host:port`. */
import { AmpError } from '@amp-mesh/protocol'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

const EXAMPLES = '127.0.0.1:4001, ws://host:4001 or /ip4/127.0.0.1/tcp/4001/ws/p2p/12D3KooW…'
const MAX_LENGTH = 1_024

/** Throws AmpError `unknown-address`. */
export function parseAddress(text: string): Multiaddr {
  const address = text.trim()
  if (address === '' || address.length > MAX_LENGTH) throw notAnAddress(text)
  try {
    return address.startsWith('/') ? multiaddr(address) : multiaddr(fromUrl(address))
  } catch (error) {
    throw notAnAddress(text, error)
  }
}

/** `host:port` and URLs as a WebSocket multiaddr. */
function fromUrl(text: string): string {
  const url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `ws://${text}`)
  const secure = url.protocol === 'wss:' || url.protocol === 'https:'
  if (!secure && url.protocol !== 'ws:' && url.protocol !== 'http:') throw new Error(`unknown scheme ${url.protocol}`)
  if (url.pathname !== '/' && url.pathname !== '') throw new Error('a path has no meaning here')
  if (!secure && url.port === '' && !/:80\/?$/.test(text)) throw new Error('the port is missing')
  const port = url.port === '' ? (secure ? '443' : '80') : url.port
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const kind = host.includes(':') ? 'ip6' : /^\d+\.\d+\.\d+\.\d+$/.test(host) ? 'ip4' : 'dns'
  return `/${kind}/${host}/tcp/${port}${secure ? '/tls' : ''}/ws`
}

const notAnAddress = (text: string, cause?: unknown) =>
  new AmpError(
    'unknown-address',
    `"${text.slice(0, 120)}" is not an address of a peer; write it like ${EXAMPLES}`,
    cause instanceof Error ? cause.message : undefined,
    cause,
  )
