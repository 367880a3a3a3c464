/** The small parts an agent's seat is made of: mailbox, supervisor, places, calls with deadlines. */

import { dutyOrder } from '@amp-mesh/context'
import type { Agent, Clock, Logger } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { AgentSeat } from '../../../packages/agents/src/agent-seat.ts'
import { Mailbox } from '../../../packages/agents/src/mailbox.ts'
import { Slots } from '../../../packages/agents/src/slots.ts'
import { Supervisor } from '../../../packages/agents/src/supervisor.ts'
import { Story } from './story.ts'

describe('Mailbox', () => {
  const story = new Story()
  const [a, b, c] = ['a', 'b', 'c'].map(text => story.propose('ann', text))

  it('has everything as news at first, then what was put in', () => {
    const mailbox = new Mailbox(2)
    expect(mailbox.empty).toBe(false)
    expect(mailbox.take(() => [a, b] as never)).toEqual([a, b])
    expect(mailbox.empty).toBe(true)
    mailbox.put(c as never)
    expect(mailbox.take(() => [])).toEqual([c])
  })

  it('merges what is beyond its bound into one look at everything', () => {
    const mailbox = new Mailbox(2)
    mailbox.take(() => [])
    for (const record of [a, b, c]) mailbox.put(record as never)
    expect(mailbox.take(() => story.records.of('proposal') as never)).toHaveLength(3)
    expect(mailbox.empty).toBe(true)
  })
})

describe('Supervisor', () => {
  it('allows five restarts a minute, each after a longer rest', () => {
    const supervisor = new Supervisor()
    expect([0, 1, 2, 3, 4, 5].map(now => supervisor.failed(now))).toEqual([50, 100, 200, 400, 800, undefined])
  })

  it('forgets after a minute', () => {
    const supervisor = new Supervisor()
    for (let i = 0; i < 20; i++) expect(supervisor.failed(i * 15_000)).toBeDefined()
  })
})

describe('Slots', () => {
  it('lets the next in when one leaves, in order', async () => {
    const slots = new Slots(1)
    const entered: string[] = []
    const leave = await slots.take('ann')
    const enter = async (name: string) => {
      const release = await slots.take('ann')
      entered.push(name)
      return release
    }
    const second = enter('second')
    const third = enter('third')
    ;(await slots.take('bob'))()
    expect(entered).toEqual([])
    leave()
    ;(await second)()
    ;(await third)()
    expect(entered).toEqual(['second', 'third'])
  })

  it('turns the oldest away when too many wait', async () => {
    const slots = new Slots(1)
    await slots.take('ann')
    const oldest = slots.take('ann')
    for (let i = 0; i < 64; i++) void slots.take('ann')
    await expect(oldest).rejects.toThrow('too many questions')
  })
})

describe('dutyOrder', () => {
  const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`)

  it('does not depend on the order of keys, and differs from thing to thing', () => {
    expect(dutyOrder('a', keys.toReversed())).toEqual(dutyOrder('a', keys))
    expect(new Set(Array.from({ length: 50 }, (_, i) => dutyOrder(`thing-${i}`, keys)[0])).size).toBeGreaterThan(10)
  })

  it('moves nothing when a key leaves but what was its own', () => {
    expect(dutyOrder('a', keys.slice(1))).toEqual(dutyOrder('a', keys).filter(key => key !== 'key-0'))
  })
})

describe('AgentSeat', () => {
  it('makes one call at a time', async () => {
    const { seat } = seated()
    const steps: string[] = []
    const call = (name: string) =>
      seat.call(name, async () => {
        steps.push(`${name} starts`)
        await Promise.resolve()
        steps.push(`${name} ends`)
      })
    await Promise.all([call('a'), call('b')])
    expect(steps).toEqual(['a starts', 'a ends', 'b starts', 'b ends'])
  })

  it('ends a call at its deadline, also of an agent that ignores its signal', async () => {
    const { seat, timers, logged } = seated()
    const hanging = seat.call('contribute', () => new Promise(() => {}))
    await Promise.resolve()
    timers.shift()?.()
    expect(await hanging).toBeUndefined()
    expect(logged).toEqual([expect.stringContaining('took longer than 25000 ms')])
    expect(seat.busy).toBe(true)
    timers.at(-1)?.()
    expect(seat.busy).toBe(false)
    expect(seat.news).toBe(true)
  })

  it('aborts the signal of a call that is over', async () => {
    const { seat } = seated()
    const signal = await seat.call('contribute', async signal => signal)
    expect(signal?.aborted).toBe(true)
  })

  it('parks an agent that fails again and again, and tells whoever runs it', async () => {
    const { seat, timers, logged, errors } = seated()
    for (let i = 0; i < 6; i++) {
      expect(seat.stage).toBe('silent')
      await seat.call('contribute', () => Promise.reject(new Error('oh')))
      timers.at(-1)?.()
    }
    expect(seat.stage).toBe('parked')
    expect(logged).toHaveLength(5)
    expect(errors).toEqual(['Error: oh'])
    expect(await seat.call('contribute', async () => 'called')).toBeUndefined()
  })

  it('calls nothing after the end', async () => {
    const { seat, end } = seated()
    end.abort(new Error('over'))
    expect(await seat.call('contribute', async () => 'called')).toBeUndefined()
    expect(seat.stage).toBe('silent')
  })
})

function seated() {
  const timers: (() => void)[] = []
  const logged: string[] = []
  const errors: string[] = []
  const end = new AbortController()
  const clock: Clock = {
    now: () => 0,
    after(_, action) {
      timers.push(action)
      return () => {}
    },
  }
  const quiet = () => {}
  const logger: Logger = {
    debug: quiet,
    info: quiet,
    warn: (_, fields) => logged.push(String(fields?.error)),
    error: (_, fields) => errors.push(String(fields?.error)),
  }
  const agent: Agent = { name: 'ann', capabilities: [{ text: 'x' }], contribute: async () => {} }
  const seat = new AgentSeat({ agent, clock, logger, signal: end.signal, changed: quiet })
  return { seat, timers, logged, errors, end }
}
