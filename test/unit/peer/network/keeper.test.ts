/** The keeper's decision, its back-off, and its work on a simulated clock. */

import { type Clock, type PeerId, type Random, TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import {
  backoff,
  decide,
  Keeper,
  type Known,
  REDIALS,
  type Situation,
} from '../../../../packages/peer/src/network/keeper.ts'
import { silent } from './test-network.ts'

const situation = (given: Partial<Situation> = {}): Situation => ({
  now: 1_000,
  self: 'me',
  connected: new Set(),
  bootstrap: new Map(),
  wanted: new Set(),
  lost: new Set(),
  chosen: new Set(),
  known: [],
  attempts: new Map(),
  ...given,
})
const peers = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`)
/** All of one network. */
const known = (peers: readonly string[], subnet = '10.0.1'): Known[] => peers.map(peer => ({ peer, subnet }))
const { neighbours } = TRANSPORT_LIMITS

describe('decide', () => {
  it('dials bootstrap addresses whose peer is unknown or missing, and no others', () => {
    const bootstrap = new Map([
      ['/new', undefined],
      ['/missing', 'a'],
      ['/there', 'b'],
      ['/own', 'me'],
    ])
    expect(decide(situation({ bootstrap, connected: new Set(['b']) })).addresses).toEqual(['/new', '/missing'])
  })

  it('holds wanted and lost peers however many neighbours there are', () => {
    const full = situation({
      connected: new Set(peers(20)),
      wanted: new Set(['p1', 'w']),
      lost: new Set(['l', 'w']),
      chosen: new Set(peers(neighbours)),
      known: known(['k']),
    })
    expect(decide(full).peers).toEqual(['w', 'l'])
  })

  it('fills up with known peers to the number of neighbours, counting dials under way', () => {
    const attempts = new Map([['x', { failures: 1, met: false, due: 0, dialling: true }]])
    const others = known(['me', 'p0', ...peers(20).slice(5), 'x'])
    const decision = decide(situation({ connected: new Set(peers(3)), attempts, known: others }))
    expect(decision.peers).toHaveLength(neighbours - 3 - 1)
    expect(decision.chosen).toEqual(decision.peers)
    expect(decision.peers).not.toContain('me')
    expect(decision.peers).not.toContain('x')
  })

  it('goes on looking for neighbours of its own choice, however many came by themselves', () => {
    const crowd = situation({ connected: new Set(peers(80)), known: known(['a', 'b', 'c', 'd', 'e', 'f']) })
    expect(decide(crowd).chosen).toHaveLength(neighbours / 2)
    const chosen = new Set(['a', 'b', 'c', 'd'])
    expect(decide({ ...crowd, connected: new Set([...peers(80), ...chosen]), chosen }).chosen).toEqual([])
    const connected = new Set([...peers(80), 'a', 'b'])
    const bootstrap = new Map([['/a', 'a']])
    expect(decide({ ...crowd, connected, bootstrap, chosen: new Set(['b', 'away']) }).chosen).toEqual(['c', 'd'])
  })

  it('chooses from the networks that have the fewest neighbours', () => {
    const crowd = peers(80)
    const others = [...known(crowd), ...known(['a1', 'a2'], '10.0.2'), ...known(['b1', 'b2'], '10.0.3')]
    const { chosen } = decide(situation({ connected: new Set(crowd.slice(0, 20)), known: others }))
    expect(chosen).toEqual(['a1', 'b1', 'a2', 'b2'])
  })

  it('waits for the back-off of each', () => {
    const attempts = new Map([
      ['/a', { failures: 2, met: true, due: 1_001, dialling: false }],
      ['w', { failures: 2, met: true, due: 1_000, dialling: false }],
      ['v', { failures: 9, met: true, due: 5_000, dialling: false }],
    ])
    const decision = decide(
      situation({ bootstrap: new Map([['/a', undefined]]), wanted: new Set(['v', 'w']), attempts }),
    )
    expect(decision).toEqual({ addresses: [], peers: ['w'], chosen: [] })
  })

  it('does not dial a lost peer by its id when its address is dialled', () => {
    const decision = decide(situation({ bootstrap: new Map([['/hub', 'hub']]), lost: new Set(['hub']) }))
    expect(decision).toEqual({ addresses: ['/hub'], peers: [], chosen: [] })
  })
})

describe('backoff', () => {
  it('doubles up to the cap, and is spread evenly below it', () => {
    const halves = [0, 1, 2, 10, 1_000].map(failures => backoff(failures, 0.5, true))
    expect(halves).toEqual([125, 250, 500, 4_000, 4_000])
    expect(backoff(50, 0, true)).toBe(0)
  })

  it('goes on for whom nobody has met, so that keys without peers cost little', () => {
    const halves = [0, 1, 2, 10, 1_000].map(failures => backoff(failures, 0.5, false))
    expect(halves).toEqual([125, 250, 500, 60_000, 60_000])
  })
})

describe('Keeper', () => {
  it('never gives up on a bootstrap address and a wanted peer, and never waits longer than the cap', async () => {
    const world = new World()
    world.connected.add('w')
    world.at(10, () => world.disconnect('w'))
    const dials = await world.run({ bootstrap: ['/hub'], wanted: ['w', 'nobody'], ms: 120_000 })
    const timesOf = (target: string) => dials.filter(dial => dial.target === target).map(dial => dial.at)
    for (const target of ['/hub', 'w']) {
      const times = timesOf(target)
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
      expect(times.length).toBeGreaterThan(15)
      expect(Math.max(...gaps)).toBeLessThanOrEqual(TRANSPORT_LIMITS.backoffCapMs)
    }
    expect(timesOf('nobody').length).toBeLessThan(timesOf('w').length)
    expect(world.forgotten).toEqual([])
  })

  it('connects when the address answers again, then leaves it alone', async () => {
    const world = new World()
    world.answers = target => target === '/hub' && world.time > 75_000
    const dials = await world.run({ bootstrap: ['/hub'], ms: 200_000 })
    const last = dials.at(-1)?.at ?? 0
    expect(last).toBeGreaterThan(75_000)
    expect(last).toBeLessThanOrEqual(75_000 + TRANSPORT_LIMITS.backoffCapMs)
  })

  it('redials a lost peer a few times, then forgets it', async () => {
    const world = new World()
    world.connected.add('gone')
    world.at(100, () => world.disconnect('gone'))
    const dials = await world.run({ ms: 60_000 })
    expect(dials.map(dial => dial.target)).toEqual(Array(REDIALS).fill('gone'))
    expect(world.forgotten).toEqual(['gone'])
  })

  it('chooses half of its neighbours itself where a crowd came, and others for those it lost', async () => {
    const world = new World()
    world.answers = () => true
    for (const peer of peers(80)) world.connected.add(peer)
    // whoever of the crowd leaves is dialled again, and is not chosen by that
    for (const peer of peers(neighbours)) world.at(1_000, () => world.disconnect(peer))
    world.at(10_000, () => {
      world.others = [...known(peers(80)), ...known(['a', 'b', 'c', 'd', 'e'], '10.0.2')]
    })
    let lost = ''
    world.at(20_000, () => {
      lost = [...world.connected].at(-1) ?? ''
      world.answers = target => target !== lost
      world.disconnect(lost)
    })
    await world.run({ ms: 60_000 })
    const own = [...world.connected].filter(peer => !peer.startsWith('p'))
    expect(own).toHaveLength(neighbours / 2)
    expect(own).not.toContain(lost)
  })

  it('reads the bootstrap list again', async () => {
    const world = new World()
    world.answers = () => true
    const bootstrap: string[] = []
    world.at(30_000, () => bootstrap.push('/late'))
    const dials = await world.run({ bootstrap, ms: 60_000 })
    expect(dials).toEqual([{ target: '/late', at: expect.closeTo(30_000, -4) }])
  })
})

/** A network that only answers yes or no, on a clock that jumps from timer to timer. */
class World implements Clock {
  time = 0
  answers: (target: string) => boolean = () => false
  readonly self = 'me'
  readonly connected = new Set<PeerId>()
  readonly forgotten: PeerId[] = []
  readonly #dials: { target: string; at: number }[] = []
  readonly #timers = new Set<{ due: number; action: () => void }>()
  #disconnected: (peer: PeerId) => void = () => {}

  now = () => this.time
  after(ms: number, action: () => void) {
    const timer = { due: this.time + ms, action }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }
  at(time: number, action: () => void) {
    this.#timers.add({ due: time, action })
  }
  peers = () => [...this.connected]
  others: Known[] = []
  known = async () => this.others
  on = (_event: 'disconnect', listener: (peer: PeerId) => void) => {
    this.#disconnected = listener
    return () => {}
  }
  connect = async (address: string) => {
    await this.dial(address)
    return `peer at ${address}`
  }
  dial = async (target: string) => {
    this.#dials.push({ target, at: this.time })
    if (!this.answers(target)) throw new Error('refused')
    this.connected.add(target.startsWith('/') ? `peer at ${target}` : target)
  }
  forget = async (peer: PeerId) => {
    this.forgotten.push(peer)
  }
  disconnect(peer: PeerId) {
    this.connected.delete(peer)
    this.#disconnected(peer)
  }

  async run({ bootstrap = [] as string[], wanted = [] as PeerId[], ms = 0 }) {
    const ending = new AbortController()
    const keeper = new Keeper({
      network: this,
      bootstrap: () => bootstrap,
      clock: this,
      random: seeded(7),
      logger: silent,
    })
    for (const peer of wanted) keeper.want(peer)
    const working = keeper.run(ending.signal)
    await settled()
    while (this.time < ms) {
      const next = [...this.#timers].sort((a, b) => a.due - b.due)[0]
      if (next === undefined) throw new Error('the keeper sleeps for ever')
      this.#timers.delete(next)
      this.time = Math.max(this.time, next.due)
      next.action()
      await settled()
    }
    ending.abort()
    await working
    return this.#dials
  }
}

/** All promises that could settle have done so. */
const settled = () => new Promise<void>(resolve => setImmediate(resolve))

function seeded(seed: number): Random {
  let state = seed
  const float = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return { float, bytes: length => Uint8Array.from({ length }, () => float() * 256) }
}
