/** The gateway's bounds, and what becomes of sessions that are cut, on a clock that is told the time. */
import { GATEWAY_CLOSE, GATEWAY_LIMITS, identityFromSeed, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import type { GatewayPeer } from '../../../../packages/peer/src/gateway/attendant.ts'
import { Gateway } from '../../../../packages/peer/src/gateway/gateway.ts'
import type { Connection } from '../../../../packages/peer/src/gateway/line.ts'
import { silentMetrics } from '../../../../packages/peer/src/silent-metrics.ts'
import { SimulatedClock } from '../simulated-clock.ts'

/** A peer of which only questions are heard, and none comes. */
function quietPeer(clock: SimulatedClock): GatewayPeer {
  let drawn = 0
  const none = () => {
    throw new Error('nobody asks for that here')
  }
  return {
    identity: identityFromSeed(new Uint8Array(32).fill(3)),
    mesh: { id: 'm'.repeat(43), file: { v: 1, name: 'quiet', key: 'k'.repeat(43), verifiers: [], limits: {} } },
    clock,
    random: { bytes: length => new Uint8Array(length).fill(++drawn), float: () => 0 },
    metrics: silentMetrics,
    agents: () => [],
    onInvitation: () => () => {},
    space: () => undefined,
    ask: none,
    find: none,
    send: none,
    request: none,
    publish: none,
    subscribe: none,
  }
}

/** A connection that keeps what it is sent; its client reads nothing of it once `backlog` is raised. */
class Wire implements Connection {
  readonly told: { type: string; id: string; [field: string]: unknown }[] = []
  backlog = 0
  closed: number | undefined

  send(bytes: Uint8Array): void {
    this.told.push(JSON.parse(Buffer.from(bytes).toString()))
  }
  drained = async () => {}
  close(code: number): void {
    this.closed = code
  }
}

function setUp() {
  const clock = new SimulatedClock(1_000)
  const gateway = new Gateway(quietPeer(clock))
  const enter = () => {
    const wire = new Wire()
    gateway.enter(wire, 'json')
    return wire
  }
  const say = (wire: Wire, message: object) => gateway.attendantOf(wire)?.receive(utf8(JSON.stringify(message)))
  return { clock, gateway, enter, say }
}

const sessionOf = (wire: Wire) => wire.told[0]?.session
/** Everything that needs no time is done. */
const settled = () => new Promise(resolve => setImmediate(resolve))

describe('the gateway', () => {
  it('[GW-17] reads a client above its rate more slowly, and loses nothing', async () => {
    const { clock, enter, say } = setUp()
    const wire = enter()
    for (let n = 0; n < GATEWAY_LIMITS.messageBurst; n++) await say(wire, { type: 'ping', n })?.begun
    const next = say(wire, { type: 'ping', n: -1 + 10_000 })
    let isRead = false
    void next?.begun.then(() => (isRead = true))
    await settled()
    expect(isRead).toBe(false)
    clock.advance(1_000 / GATEWAY_LIMITS.messagesPerSecond)
    await next?.begun
    expect(wire.told.at(-1)).toMatchObject({ type: 'pong', n: 9_999 })
  })

  it('[GW-17] takes so many conversations of a client, and answers short ones meanwhile', async () => {
    const { enter, say } = setUp()
    const wire = enter()
    for (let n = 0; n < GATEWAY_LIMITS.conversations; n++) await say(wire, { type: 'listen' })?.begun
    await say(wire, { type: 'listen', id: 'more' })?.ended
    expect(wire.told.at(-1)).toMatchObject({ type: 'error', re: 'more', code: 'busy' })
    await say(wire, { type: 'ping', id: 'short' })?.ended
    expect(wire.told.at(-1)).toMatchObject({ type: 'pong', re: 'short' })
  })

  it('[GW-17] takes so many clients', () => {
    const { enter } = setUp()
    const wires = Array.from({ length: GATEWAY_LIMITS.connections + 1 }, enter)
    expect(wires.filter(({ closed }) => closed !== undefined).map(({ closed }) => closed)).toEqual([
      GATEWAY_CLOSE.tryAgain,
    ])
  })

  it('[GW-17] [GW-16] lets go of who does not read, and tells it later what it missed', async () => {
    const { gateway, enter, say } = setUp()
    const wire = enter()
    await say(wire, { type: 'listen' })?.begun
    wire.backlog = GATEWAY_LIMITS.backlog
    await say(wire, { type: 'ping', n: 7 })?.ended
    expect(wire.closed).toBe(GATEWAY_CLOSE.tryAgain)
    gateway.leave(wire)
    const later = enter()
    await say(later, { type: 'resume', session: sessionOf(wire), after: wire.told.at(-1)?.id })?.ended
    expect(later.told.slice(1)).toMatchObject([
      { type: 'pong', n: 7 },
      { type: 'resumed', complete: true },
    ])
  })

  it('[GW-16] keeps a cut session for a while, and so many of them', async () => {
    const { clock, gateway, enter, say } = setUp()
    const cut = []
    for (let n = 0; n <= GATEWAY_LIMITS.cutSessions; n++) {
      const wire = enter()
      await say(wire, { type: 'listen' })?.begun
      gateway.leave(wire)
      cut.push(wire)
    }
    const resumed = async (session: unknown) => {
      const wire = enter()
      await say(wire, { type: 'resume', session })?.ended
      return wire.told.at(-1)?.type
    }
    expect(await resumed(sessionOf(cut[0] as Wire))).toBe('error')
    expect(await resumed(sessionOf(cut[1] as Wire))).toBe('resumed')
    clock.advance(GATEWAY_LIMITS.lingerMs)
    expect(await resumed(sessionOf(cut[2] as Wire))).toBe('error')
  })

  it('says goodbye when its peer stops', () => {
    const { gateway, enter } = setUp()
    const wires = [enter(), enter()]
    gateway.close()
    expect(wires.map(({ closed }) => closed)).toEqual([GATEWAY_CLOSE.goingAway, GATEWAY_CLOSE.goingAway])
    expect(gateway.size).toBe(0)
  })
})
