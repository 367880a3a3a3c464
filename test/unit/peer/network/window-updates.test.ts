/** When a yamux stream tells that more may be sent. That such peers never wait for each other: compliance.test.ts. */
import type { StreamMuxerFactory } from '@libp2p/interface'
import { expect, it } from 'vitest'
import { withSeldomUpdates } from '../../../../packages/peer/src/network/window-updates.ts'

const [SYN_SENT, ESTABLISHED, PAUSED] = [1, 3, 5]
const WINDOW = 256 * 1024

/** How often a stream in that state, with so much left of its window, tells the other side. */
function updatesOf(state: number, left: number): number {
  let updates = 0
  const stream = { state, recvWindow: WINDOW, recvWindowCapacity: left, sendWindowUpdate: () => void updates++ }
  const muxer = { _newStream: () => stream }
  const factory = { protocol: '/yamux', createStreamMuxer: () => muxer } as object as StreamMuxerFactory
  withSeldomUpdates(factory).createStreamMuxer({} as never)
  muxer._newStream().sendWindowUpdate()
  return updates
}

it('tells after half a window, and at once what opens a stream', () => {
  expect(updatesOf(ESTABLISHED, WINDOW - 40)).toBe(0)
  expect(updatesOf(ESTABLISHED, WINDOW / 2 + 1)).toBe(0)
  expect(updatesOf(ESTABLISHED, WINDOW / 2)).toBe(1)
  expect(updatesOf(ESTABLISHED, 0)).toBe(1)
  expect(updatesOf(SYN_SENT, WINDOW)).toBe(1)
  expect(updatesOf(PAUSED, WINDOW - 40)).toBe(1) // yamux itself says nothing then
})

it('says so when libp2p changed', () => {
  const factory = { protocol: '/yamux', createStreamMuxer: () => ({}) } as object as StreamMuxerFactory
  expect(() => withSeldomUpdates(factory).createStreamMuxer({} as never)).toThrow('_newStream')
})
