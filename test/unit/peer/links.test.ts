import {
  encodeFrames,
  encodeMessage,
  identityFromSeed,
  type Message,
  type PeerId,
  type Stream,
} from '@amp-mesh/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { Links } from '../../../packages/peer/src/links.ts'
import { MemorySwitchboard } from '../../../packages/peer/src/memory-network.ts'
import { wireNames } from '../../../packages/peer/src/protocols.ts'
import { SimulatedClock } from './simulated-clock.ts'

const MESH = `${'m'.repeat(42)}A`
const OTHER = `${'o'.repeat(42)}A`
const [ada, bob] = [1, 2].map(n => identityFromSeed(new Uint8Array(32).fill(n)).peerId) as [PeerId, PeerId]

class Side {
  readonly heard: Message[] = []
  readonly up: PeerId[] = []
  readonly down: PeerId[] = []
  readonly changes: string[] = []
  readonly refused: string[] = []
  readonly network
  readonly links: Links

  constructor(board: MemorySwitchboard, self: PeerId, clock: SimulatedClock, mesh = MESH, names = MESH) {
    this.network = board.network(self)
    this.links = new Links({
      network: this.network,
      names: wireNames(names),
      mesh,
      clock,
      onMessage: (_from, message) => void this.heard.push(message),
      onSent: () => {},
      onUp: peer => this.up.push(peer),
      onDown: peer => this.down.push(peer),
      onReachability: ({ state, why }) => this.changes.push(why === undefined ? state : `${state}: ${why}`),
      onRefused: (_peer, code) => this.refused.push(code),
    })
  }
}

/** Lets everything that is under way on the switchboard arrive. */
const settle = async () => {
  for (let i = 0; i < 200; i++) await Promise.resolve()
}

describe('links', () => {
  const sides: Side[] = []
  afterEach(async () => {
    for (const side of sides.splice(0)) await Promise.all([side.links.stop(), side.network.stop()])
  })

  async function meet(clock: SimulatedClock, bobsMesh = MESH, bobsNames = MESH): Promise<[Side, Side]> {
    const board = new MemorySwitchboard()
    const pair: [Side, Side] = [new Side(board, ada, clock), new Side(board, bob, clock, bobsMesh, bobsNames)]
    sides.push(...pair)
    for (const side of pair) await side.network.start()
    await pair[0].network.connect(`/memory/${bob}`)
    await settle()
    return pair
  }

  it('are up on both sides once both streams are greeted, and carry messages', async () => {
    const [a, b] = await meet(new SimulatedClock())
    expect([a.up, b.up]).toEqual([[bob], [ada]])
    expect(a.links.post(bob, { type: 'error', code: 'busy' })).toBe(true)
    expect(b.links.post(ada, { type: 'heads', space: MESH, heads: [], full: true })).toBe(true)
    await settle()
    expect(b.heard).toEqual([{ type: 'error', code: 'busy' }])
    expect(a.heard).toMatchObject([{ type: 'heads' }])
  })

  it('answer pings, and suspect who does not', async () => {
    const clock = new SimulatedClock()
    const [a, b] = await meet(clock)
    for (let i = 0; i < 5; i++) {
      clock.advance(1_000)
      await settle()
    }
    expect(a.changes).toEqual([])
    expect(a.links.rttMs(bob)).toBe(0)
    await b.network.stop()
    await settle()
    expect(a.down).toEqual([bob])
    for (let i = 0; i < 5; i++) clock.advance(1_000)
    expect(a.changes).toEqual(['suspected: unreachable'])
    expect(a.links.post(bob, { type: 'ping', n: 1 })).toBe(false)
  })

  it('know at once that a peer left which said so', async () => {
    const [a, b] = await meet(new SimulatedClock())
    await Promise.all([b.links.stop(), settle()])
    expect([a.changes, a.links.absence(bob)]).toEqual([['gone: left'], { state: 'gone', why: 'left' }])
  })

  it('turn away a peer that greets for another mesh', async () => {
    const [a, b] = await meet(new SimulatedClock(), OTHER)
    expect([a.up, b.up]).toEqual([[], []])
    expect([...a.refused, ...b.refused]).toContain('wrong-mesh')
    expect(a.network.peers()).toEqual([])
  })

  it('turn away a peer that does not speak the names of this mesh', async () => {
    const clock = new SimulatedClock()
    const [a, b] = await meet(clock, OTHER, OTHER)
    for (let i = 0; i < 12; i++) {
      clock.advance(1_000)
      await settle()
    }
    expect([...a.refused, ...b.refused]).toContain('wrong-mesh')
    expect(a.network.peers()).toEqual([])
  })

  it('[G4.codec] survive bytes that are no messages, and hang up on a habit of them', async () => {
    const clock = new SimulatedClock()
    const board = new MemorySwitchboard()
    const a = new Side(board, ada, clock)
    sides.push(a)
    const mallory = board.network(bob)
    await a.network.start()
    await mallory.start()
    await mallory.connect(`/memory/${ada}`)
    const stream = await mallory.open(ada, wireNames(MESH).amp)
    stream.send(encodeFrames([encodeMessage({ type: 'hello', protocol: '1.0', features: [], mesh: MESH })]))
    const nonsense = encodeFrames([Uint8Array.of(0xc1)])
    stream.send(nonsense)
    await settle()
    stream.send(nonsense)
    stream.send(nonsense)
    await settle()
    expect(() => stream.send(nonsense)).toThrow()
    await mallory.stop()
  })

  it('come up at last, whenever their first streams break', async () => {
    const [opener, other] = ada < bob ? [ada, bob] : [bob, ada]
    for (let moment = 0; moment < 30; moment++) {
      const clock = new SimulatedClock()
      const board = new MemorySwitchboard()
      const pair: [Side, Side] = [new Side(board, opener, clock), new Side(board, other, clock)]
      sides.push(...pair)
      const opened: Stream[] = []
      const { network } = pair[0]
      const open = network.open.bind(network)
      network.open = async (...args) => {
        const stream = await open(...args)
        opened.push(stream)
        return stream
      }
      for (const side of pair) await side.network.start()
      void network.connect(`/memory/${other}`)
      for (let step = 0; step < moment; step++) await Promise.resolve()
      for (const stream of opened) stream.abort(new Error('the relay goes, a direct connection is there'))
      for (let i = 0; i < 20; i++) {
        await settle()
        clock.advance(200)
      }
      expect([moment, pair[0].links.isUp(other), pair[1].links.isUp(opener)]).toEqual([moment, true, true])
    }
  })

  it('keep one pair of streams, and open it again when it breaks', async () => {
    const clock = new SimulatedClock()
    const [a, b] = await meet(clock)
    const opener = ada < bob ? a : b
    const other = ada < bob ? b : a
    // a second stream of the same kind takes the first one's place, which then breaks
    await other.network.open(opener.network.self, wireNames(MESH).amp)
    await settle()
    clock.advance(1_000)
    await settle()
    expect([a.links.isUp(bob), b.links.isUp(ada)]).toEqual([true, true])
  })
})
