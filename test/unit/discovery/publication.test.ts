import { type AgentCard, toBase64url } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import {
  keysOfCard,
  Publication,
  planPublication,
  stemsToPublish,
  wordKey,
} from '../../../packages/discovery/src/index.ts'
import { cardOf, MESH, NOW, settle, TestClock } from './mesh.ts'

const HOUR = 3_600_000
const hotels = cardOf(1, 'hotels', ['Books hotels in any city'])
const weather = cardOf(1, 'weather', ['Weather forecast for any city'])
const nameOf = (stem: string) => toBase64url(wordKey(MESH, stem))

function publication(provide: (key: Uint8Array, signal: AbortSignal) => Promise<void>) {
  const clock = new TestClock()
  const random = { float: () => 0.5, bytes: (length: number) => new Uint8Array(length) }
  const stop = new AbortController()
  const runner = new Publication({ mesh: MESH, clock, random, provide })
  const ended = runner.run(stop.signal)
  const end = async () => {
    stop.abort()
    await ended
    await settle()
    expect(clock.waiting).toBe(0)
  }
  return { clock, runner, end }
}

describe('the plan of publication', () => {
  it('takes each card’s heaviest stems first, each once, none of agents that take nothing new', () => {
    const stems = stemsToPublish([hotels, weather])
    expect(stems.slice(0, 2)).toEqual([keysOfCard(hotels)[0], keysOfCard(weather)[0]])
    expect(new Set(stems).size).toBe(stems.length)
    expect(new Set(stems)).toEqual(new Set([...keysOfCard(hotels), ...keysOfCard(weather)]))
    expect(stemsToPublish([{ ...hotels, state: 'draining' }])).toEqual([])
    const wordy = (agent: number): AgentCard =>
      cardOf(agent, 'a', [Array.from({ length: 12 }, (_, i) => `w${'abcdefghijkl'[i]}${'q'.repeat(agent)}`).join(' ')])
    expect(stemsToPublish(Array.from({ length: 45 }, (_, i) => wordy(i + 1)))).toHaveLength(384)
  })

  it('says what is due and when to look again', () => {
    expect(planPublication([], new Map(), NOW)).toEqual({ due: [], next: undefined })
    expect(
      planPublication(
        ['a', 'b', 'c'],
        new Map([
          ['b', NOW + 5],
          ['c', NOW],
        ]),
        NOW,
      ),
    ).toEqual({
      due: ['a', 'c'],
      next: NOW + 5,
    })
  })
})

describe('publication', () => {
  it('announces every key, three at once, and again before half the life of the records is over', async () => {
    const provided: string[] = []
    let [running, most] = [0, 0]
    const { clock, runner, end } = publication(async key => {
      most = Math.max(most, ++running)
      await settle()
      running--
      provided.push(toBase64url(key))
    })
    runner.update([hotels, weather])
    await settle()
    await clock.advance(1)
    const names = stemsToPublish([hotels, weather]).map(nameOf)
    for (let turn = 0; turn < 20 && provided.length < names.length; turn++) await settle()
    expect([...provided].sort()).toEqual([...names].sort())
    expect(most).toBe(3)
    await clock.advance(0.44 * HOUR)
    expect(provided).toHaveLength(names.length)
    await clock.advance(0.02 * HOUR)
    for (let turn = 0; turn < 20 && provided.length < 2 * names.length; turn++) await settle()
    expect(provided).toHaveLength(2 * names.length)
    await end()
  })

  it('announces what changed at once, and lets the withdrawn run out', async () => {
    const provided: string[] = []
    const { clock, runner, end } = publication(async key => void provided.push(toBase64url(key)))
    runner.update([hotels])
    await settle()
    expect(provided).toHaveLength(keysOfCard(hotels).length)
    runner.update([weather])
    await settle()
    const news = keysOfCard(weather).filter(stem => !keysOfCard(hotels).includes(stem))
    expect(provided.slice(keysOfCard(hotels).length)).toEqual(news.map(nameOf))
    const before = provided.length
    await clock.advance(HOUR / 2)
    expect(new Set(provided.slice(before))).toEqual(new Set(keysOfCard(weather).map(nameOf)))
    runner.update([])
    const after = provided.length
    await clock.advance(2 * HOUR)
    expect(provided).toHaveLength(after)
    await end()
  })

  it('stops announcing what is withdrawn meanwhile', async () => {
    let calls = 0
    const { clock, runner, end } = publication(async () => {
      calls++
      await settle()
    })
    runner.update([hotels])
    while (calls === 0) await clock.advance(0)
    runner.update([])
    const before = calls
    for (let turn = 0; turn < 10; turn++) await clock.advance(HOUR)
    expect(calls).toBe(before)
    await end()
  })

  it('tries again what failed or hung, and stops in the middle of it', async () => {
    let calls = 0
    const aborted: boolean[] = []
    const { clock, runner, end } = publication((_, signal) => {
      calls++
      signal.addEventListener('abort', () => aborted.push(true))
      return calls % 2 === 0 ? Promise.reject(new Error('no peers')) : new Promise<never>(() => {})
    })
    runner.update([hotels])
    await clock.advance(60_000)
    const keys = keysOfCard(hotels).length
    expect(calls).toBeGreaterThan(keys)
    expect(aborted.length).toBeGreaterThan(0)
    await end()
  })
})
