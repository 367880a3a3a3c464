import type { Message } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { Router } from '../../../packages/peer/src/router.ts'
import { SimulatedClock } from './simulated-clock.ts'

const ping: Message = { type: 'ping', n: 1 }

describe('router', () => {
  it('hands a message to the one handler of its type', async () => {
    const got: string[] = []
    const router = new Router(new SimulatedClock(), {
      busy: (message, from) => void got.push(`${from} ${message.type}`),
    })
    await router.route({ type: 'busy', retryAfterMs: 1 }, 'ada', 10)
    expect(got).toEqual(['ada busy'])
    await expect(router.route(ping, 'ada', 10)).rejects.toMatchObject({ code: 'unknown-type' })
  })

  it('[G4.rate] stops reading a peer above its rate, and only that one', async () => {
    const clock = new SimulatedClock()
    let handled = 0
    const router = new Router(clock, { ping: () => void handled++ })
    for (let i = 0; i < 2_000; i++) await router.route(ping, 'mallory', 10)
    const held = router.route(ping, 'mallory', 10)
    await router.route(ping, 'ada', 10)
    expect(handled).toBe(2_001)
    clock.advance(2)
    await held
    expect(handled).toBe(2_002)
  })

  it('knows relayed messages by id, and stale ones by their time', () => {
    const clock = new SimulatedClock(1_000_000)
    const router = new Router(clock, {})
    expect(router.isNews('a', 1_000_000)).toBe(true)
    expect(router.isNews('a', 1_000_000)).toBe(true)
    router.remember('a')
    expect(router.isNews('a', 1_000_000)).toBe(false)
    expect(router.isNews('b', 1_000_000 - 120_001)).toBe(false)
    expect(router.isNews('b', 1_000_000 + 120_001)).toBe(false)
    for (let i = 0; i < 8_192; i++) router.remember(`x${i}`)
    expect(router.isNews('a', 1_000_000)).toBe(true)
  })
})
