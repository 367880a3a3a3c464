/** `amp-mesh find`: what it says of each candidate, and with --explain why. The mesh itself is a fake here. */
import type { Candidate } from '@amp-mesh/discovery'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../packages/cli/src/program.ts'
import { cardOf, peerId } from '../discovery/mesh.ts'
import { fakeWorld } from './fake-world.ts'

const here = { mesh: 'home', peer: peerId(1), pid: 1, started: 0, addresses: ['/local/1'] }

function candidate(name: string, score: number, more: Partial<Candidate> = {}): Candidate {
  const card = cardOf(1, name, [`${name} for everybody`])
  const evidence = { similarity: 0.61, words: 0.4, capability: `${name} for everybody` }
  return { agent: card.agent, peer: peerId(1), card, score, ...evidence, via: 'directory', ...more }
}

const flights = candidate('flights', 0.8)
const trains = candidate('trains', 0.75, {
  acquaintance: { reputation: 0.9, rttMs: 12 },
  via: 'dht',
  key: 'train\u001b[31m\u202e',
})

async function find(args: string[], init: Parameters<typeof fakeWorld>[0] = {}) {
  const world = fakeWorld({ locals: [here], candidates: [flights, trains], messages: 44, ...init })
  const exit = await runProgram(['find', 'go to Rome', '--wait', '0.4', ...args], world)
  return { exit, out: world.out(), lines: () => world.out().trim().split('\n') }
}

describe('find', () => {
  it('lists candidates as they come', async () => {
    const { exit, lines } = await find([])
    expect(exit).toBe(0)
    expect(lines()).toHaveLength(2)
    expect(lines()[0]).toMatch(/^0\.80 {2}flights .* ready directory {2}flights for everybody$/)
  })

  it('explains: the most preferred first, what that rests on, by which way, and what it took', async () => {
    const { lines } = await find(['--explain'])
    expect(lines()).toHaveLength(7)
    expect(lines()[0]).toMatch(/^0\.98 {2}trains /)
    expect(lines()[1]).toBe(
      '      fit 0.75 (meaning 0.61, words 0.40) · experience ×1.20 · load ×1.00 · ' +
        'round trip ×1.09 (12 ms) · cost ×1.00',
    )
    expect(lines()[3]).toMatch(/^0\.80 {2}flights /)
    expect(lines()[4]).toContain('experience ×1.00 (none yet) · load ×1.00 · round trip ×1.00 (not connected)')
    expect(lines()[5]).toContain('own directory')
    expect(lines()[6]).toMatch(/^asked the DHT: 1 key, 44 messages, 4\.4 kB · \d+\.\d\d s$/)
  })

  it('writes what others say as text', async () => {
    const { out, lines } = await find(['--explain'])
    expect(lines()[2]).toContain('found in the DHT, under “train')
    expect(out).not.toMatch(/[\u001b\u202e]/)
  })

  it('says when nobody needed to be asked', async () => {
    const { lines } = await find(['--explain'], { candidates: [flights], messages: 0 })
    expect(lines().at(-1)).toMatch(/^known here: nobody was asked/)
  })

  it('says all of it as JSON', async () => {
    const { lines } = await find(['--explain', '--json'])
    const [first, second, cost] = lines().map(line => JSON.parse(line))
    expect(first).toMatchObject({
      ...{ type: 'candidate', agent: trains.agent, via: 'dht', score: 0.75, state: 'ready' },
      known: { reputation: 0.9, rttMs: 12 },
      parts: { fit: 0.75, similarity: 0.61, words: 0.4, load: 1, cost: 1 },
    })
    expect(first.preference).toBeCloseTo(0.75 * first.parts.reputation * first.parts.latency)
    expect(second).toMatchObject({ agent: flights.agent, known: {}, parts: { reputation: 1, latency: 1 } })
    expect(cost).toMatchObject({ type: 'cost', lookups: 1, messages: 44, bytes: 4_400 })
  })

  it('finds nobody: exit code 3, and the cost all the same', async () => {
    const { exit, lines } = await find(['--explain', '--json'], { candidates: [] })
    expect(exit).toBe(3)
    expect(lines().map(line => JSON.parse(line).type)).toEqual(['cost'])
  })
})
