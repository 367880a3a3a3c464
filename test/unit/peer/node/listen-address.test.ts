/** Where a peer listens, as people write it, and which addresses lead to another machine. */
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { isLoopback, leadElsewhere, listenAddress } from '../../../../packages/peer/src/node/listen-address.ts'

describe('where a peer listens', () => {
  it.each([
    [undefined, { port: 0 }],
    [4001, { port: 4001 }],
    ['4001', { port: 4001 }],
    ['0.0.0.0', { host: '0.0.0.0' }],
    ['peer.example:4001', { host: 'peer.example', port: 4001 }],
  ])('%j is %j', (listen, address) => expect(listenAddress(listen)).toEqual(address))

  it.each(['', ':4001', '127.0.0.1:70000'])('%j is refused', listen =>
    expect(() => listenAddress(listen)).toThrow(expect.objectContaining({ code: 'bad-input' })),
  )

  it.each([
    [undefined, true],
    ['127.0.1.9', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['127.example', false],
  ])('%j is of this machine only: %j', (host, is) => expect(isLoopback(host)).toBe(is))
})

describe('addresses to join', () => {
  const [own] = Object.values(networkInterfaces()).flatMap(list => list?.filter(({ internal }) => !internal) ?? [])

  it.each([
    [[], false],
    [['127.0.0.1:4001', '/ip4/127.0.0.1/tcp/4001/ws', '/ip6/::1/tcp/4001', 'ws://localhost:4001'], false],
    [own === undefined ? [] : [`/ip${own.family.slice(-1)}/${own.address}/tcp/4001/ws`], false],
    [['127.0.0.1:4001', '192.0.2.7:4001'], true],
    [['wss://peer.example'], true],
    [['/dns4/peer.example/tcp/4001/ws'], true],
  ])('%j lead to another machine: %j', (addresses, lead) => expect(leadElsewhere(addresses)).toBe(lead))

  it('that are none are refused', () => expect(() => leadElsewhere(['?'])).toThrow('is not an address'))
})
