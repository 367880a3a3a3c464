/** Publishing: keeps the word keys of this peer's own cards announced in the DHT. A plan, and a thin runner. */
import { type AgentCard, type Clock, DISCOVERY_LIMITS, type MeshId, type Random, sleep } from '@amp-mesh/protocol'
import { concurrently, withDeadline } from './concurrently.ts'
import { isCandidate } from './directory.ts'
import { keysOfCard, wordKey } from './word-keys.ts'

/** A provide that failed is tried again after this long, ms, up to twice it. */
const RETRY_MS = 15_000

/**
 * The stems to be published for these cards, each once: every card's heaviest first, then every card's second … Cards
 * of agents that take nothing new have none: what others still hold of them runs out.
 */
export function stemsToPublish(cards: readonly AgentCard[]): string[] {
  const keys = cards.filter(isCandidate).map(keysOfCard)
  const stems = new Set<string>()
  for (let place = 0; place < DISCOVERY_LIMITS.keysPerCard; place++)
    for (const own of keys) {
      const stem = own[place]
      if (stem !== undefined && stems.size < DISCOVERY_LIMITS.publishedKeys) stems.add(stem)
    }
  return [...stems]
}

/**
 * What is due now, in order, and when something will be next (undefined: nothing is waiting). `dueAt`: ms since the
 * epoch.
 */
export function planPublication(
  stems: readonly string[],
  dueAt: ReadonlyMap<string, number>,
  now: number,
): { due: string[]; next: number | undefined } {
  const due = stems.filter(stem => (dueAt.get(stem) ?? now) <= now)
  const later = stems.map(stem => dueAt.get(stem) ?? now).filter(at => at > now)
  return { due, next: later.length === 0 ? undefined : Math.min(...later) }
}

export interface PublicationInit {
  mesh: MeshId
  clock: Clock
  random: Random
  provide(key: Uint8Array, signal: AbortSignal): Promise<void>
}

export class Publication {
  readonly #init: PublicationInit
  readonly #dueAt = new Map<string, number>()
  #stems: string[] = []
  #changed = new AbortController()

  constructor(init: PublicationInit) {
    this.#init = init
  }

  /** Sets the peer's own cards, all of them. */
  update(cards: readonly AgentCard[]): void {
    this.#stems = stemsToPublish(cards)
    const wanted = new Set(this.#stems)
    for (const stem of this.#dueAt.keys()) if (!wanted.has(stem)) this.#dueAt.delete(stem)
    this.#changed.abort()
  }

  /**
   * Publishes what is due, and renews it at half the life of provider records, until `signal` aborts. Never rejects.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#init
    while (!signal.aborted) {
      this.#changed = new AbortController()
      const { due, next } = planPublication(this.#stems, this.#dueAt, clock.now())
      if (due.length > 0) await this.#provideAll(due, signal)
      else await waitUntil(clock, next, AbortSignal.any([signal, this.#changed.signal]))
    }
  }

  async #provideAll(stems: readonly string[], signal: AbortSignal): Promise<void> {
    const provided = concurrently<string, never>(
      stems,
      DISCOVERY_LIMITS.providesAtOnce,
      stem => this.#provide(stem, signal),
      signal,
    )
    await provided.next()
  }

  async #provide(stem: string, signal: AbortSignal): Promise<void> {
    if (!this.#stems.includes(stem)) return
    const { clock, mesh, provide } = this.#init
    const life = DISCOVERY_LIMITS.provideLifeMs
    const outcome = withDeadline(clock, DISCOVERY_LIMITS.provideMs, signal, s => provide(wordKey(mesh, stem), s))
    // a tenth of jitter: keys published together are not renewed together
    const wait = await outcome.then(
      () => life * (0.5 - 0.1 * this.#init.random.float()),
      () => RETRY_MS * (1 + this.#init.random.float()),
    )
    if (this.#stems.includes(stem)) this.#dueAt.set(stem, clock.now() + wait)
  }
}

async function waitUntil(clock: Clock, at: number | undefined, signal: AbortSignal): Promise<void> {
  if (at !== undefined) return sleep(clock, at - clock.now(), signal).catch(() => undefined)
  if (signal.aborted) return
  await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
