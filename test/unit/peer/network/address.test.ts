/** Addresses as people write them, and the URL a WebSocket multiaddr stands for. */
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { parseAddress } from '../../../../packages/peer/src/network/address.ts'
import { roomForInbound } from '../../../../packages/peer/src/network/connection-gate.ts'
import { webSocketUrl } from '../../../../packages/peer/src/network/hardened-web-sockets.ts'

const ID = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1:4001', '/ip4/127.0.0.1/tcp/4001/ws'],
    ['localhost:4001', '/dns/localhost/tcp/4001/ws'],
    ['[::1]:4001', '/ip6/::1/tcp/4001/ws'],
    [' ws://example.org:80 ', '/dns/example.org/tcp/80/ws'],
    ['http://10.0.0.1:8080/', '/ip4/10.0.0.1/tcp/8080/ws'],
    ['wss://example.org', '/dns/example.org/tcp/443/tls/ws'],
    ['https://example.org:8443', '/dns/example.org/tcp/8443/tls/ws'],
    [`/ip4/127.0.0.1/tcp/1/ws/p2p/${ID}`, `/ip4/127.0.0.1/tcp/1/ws/p2p/${ID}`],
    ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/1'],
  ])('reads %s', (text, expected) => {
    expect(parseAddress(text).toString()).toBe(expected)
  })

  it.each([
    '',
    'nonsense',
    'host',
    'ws://host',
    'ftp://host:1',
    'host:1/path',
    '/ip4/1.2.3/tcp/1',
    'host:99999',
    'x'.repeat(2_000),
  ])('refuses "%s" and says how to write one', text => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({ code: 'unknown-address', message: expect.stringContaining('127.0.0.1:4001') }),
    )
  })
})

describe('webSocketUrl', () => {
  it.each([
    [`/ip4/127.0.0.1/tcp/4001/ws/p2p/${ID}`, 'ws://127.0.0.1:4001/'],
    ['/ip6/::1/tcp/4001/ws', 'ws://[::1]:4001/'],
    ['/dns4/example.org/tcp/443/tls/ws', 'wss://example.org:443/'],
    ['/dns/example.org/tcp/443/wss', 'wss://example.org:443/'],
  ])('of %s', (address, url) => {
    expect(webSocketUrl(multiaddr(address))).toBe(url)
  })
})

describe('roomForInbound', () => {
  const share = { connections: 20, inboundShare: 0.7, outboundReserve: 3 }
  const open = (inbound: number, outbound: number) => [
    ...Array(inbound).fill({ direction: 'inbound' as const }),
    ...Array(outbound).fill({ direction: 'outbound' as const }),
  ]
  it('leaves a share and a reserve to connections we choose', () => {
    expect(roomForInbound(share, open(13, 0))).toBe(true)
    expect(roomForInbound(share, open(14, 0))).toBe(false)
    expect(roomForInbound(share, open(2, 14))).toBe(true)
    expect(roomForInbound(share, open(3, 14))).toBe(false)
  })
})
