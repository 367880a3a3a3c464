import { type AgentCard, agentIdOf, identityFromSeed, LEDGER_LIMITS } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { chooseVerifiers } from '../../../packages/peer/src/verifiers.ts'

const identities = Array.from({ length: 12 }, (_, i) => identityFromSeed(new Uint8Array(32).fill(i + 1)))
const [founder, ...others] = identities.map(({ publicKey, peerId }) => ({ publicKey, peerId }))

function card(peerId: string, operator: string, model = 'none'): AgentCard {
  const agent = agentIdOf(peerId, 'a')
  const capabilities = [{ text: 'x' }]
  const times = { seq: 1, issued: 0, expires: 1 }
  return { v: 1, mesh: 'm', agent, capabilities, operator, model, state: 'ready', addresses: [], ...times }
}

describe('choosing verifiers', () => {
  it('takes the founder and the six best reachable peers', () => {
    if (founder === undefined) throw new Error('no founder')
    const cards = others.map(({ peerId }) => card(peerId, 'one'))
    const reachable = new Set(others.slice(1).map(({ peerId }) => peerId))
    const chosen = chooseVerifiers(founder.publicKey, cards, reachable)
    expect(chosen).toHaveLength(LEDGER_LIMITS.verifiers)
    expect(chosen.map(({ pub }) => pub)).toEqual([
      founder.publicKey,
      ...others.slice(1, 7).map(({ publicKey }) => publicKey),
    ])
  })

  it('prefers a new operator to a better fit of one it has, and takes a peer once', () => {
    if (founder === undefined) throw new Error('no founder')
    const operators = ['a', 'a', 'a', 'a', 'a', 'a', 'b', 'c']
    const cards = operators.map((operator, i) => card(others[i]?.peerId ?? '', operator))
    const reachable = new Set(others.map(({ peerId }) => peerId))
    const chosen = chooseVerifiers(founder.publicKey, [...cards, ...cards], reachable)
    expect(chosen.map(({ operator }) => operator)).toEqual(['', 'a', 'b', 'c', 'a', 'a', 'a'])
    expect(new Set(chosen.map(({ pub }) => pub)).size).toBe(7)
  })
})
