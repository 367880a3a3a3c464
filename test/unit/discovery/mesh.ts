/** A mesh of words for the tests: identities, signed cards, a clock that stands still until told. */
import {
  type AgentCard,
  agentIdOf,
  type Clock,
  type Identity,
  identityFromSeed,
  type PeerId,
  type SignedCard,
  sha256,
  signCard,
  toBase64url,
  utf8,
} from '@amp-mesh/protocol'
import { Directory, type DirectoryInit } from '../../../packages/discovery/src/index.ts'
import { verifyOnce } from '../../simulation/space.ts'

export const MESH = toBase64url(sha256(utf8('a mesh of words')))
export const NOW = 1_800_000_000_000
export const LIFE = 600_000

const identities = new Map<number, Identity>()

export function identity(number: number): Identity {
  const known = identities.get(number) ?? identityFromSeed(sha256(utf8(`peer ${number}`)))
  identities.set(number, known)
  return known
}

export const peerId = (number: number): PeerId => identity(number).peerId

/** A card of peer `number`'s agent `name` that can do `capabilities`. */
export function cardOf(number: number, name: string, capabilities: string[], more: Partial<AgentCard> = {}): AgentCard {
  return {
    v: 1,
    mesh: MESH,
    agent: agentIdOf(peerId(number), name),
    capabilities: capabilities.map(text => ({ text })),
    operator: 'test',
    model: 'none',
    state: 'ready',
    addresses: [],
    seq: 1,
    issued: NOW,
    expires: NOW + LIFE,
    ...more,
  }
}

export const sign = (number: number, card: AgentCard): Promise<SignedCard> => signCard(card, identity(number))

/** Virtual time: `advance` runs what falls due, in order, and lets promises settle in between. */
export class TestClock implements Clock {
  #now = NOW
  #timers: { at: number; action: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, action: () => void) {
    const timer = { at: this.#now + ms, action }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  get waiting(): number {
    return this.#timers.length
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settle()
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers = this.#timers.filter(timer => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.action()
      await settle()
    }
    this.#now = until
  }
}

/** Lets everything that waits for nothing but promises run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
}

export function directory(clock: Clock = new TestClock(), more: Partial<DirectoryInit> = {}) {
  return new Directory({ mesh: MESH, verify: verifyOnce, clock, ...more })
}
