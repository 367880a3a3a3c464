/** A small collaboration as its ledger holds it: a question, two offers, facts, verdicts, one word taken back. */
import type { Ledger } from '@amp-mesh/context'
import { recordsOf, type SpaceBytes } from '@amp-mesh/context/history'
import type { Genesis, Identity, Kind, Op, Rec } from '@amp-mesh/protocol'
import {
  EPOCH_MS,
  type GenesisInit,
  genesis,
  genesisBytes,
  identity,
  ledger,
  verifyOnce,
  write,
} from '../../../simulation/space.ts'

/** Each word comes a second after the one before. */
export const BEAT_MS = 1_000
export const START = EPOCH_MS

export class Chapter {
  readonly genesis: Genesis
  readonly genesisBytes: Uint8Array
  readonly segments: Uint8Array[] = []
  readonly proofs: Uint8Array[] = []
  readonly held: Ledger
  readonly #own = new Map<Identity, Ledger>()
  #beat = 0

  constructor(init: GenesisInit = {}) {
    this.genesis = genesis(init)
    this.genesisBytes = genesisBytes(init)
    this.held = ledger(this.genesisBytes)
  }

  /** The time of the last word. */
  get now(): number {
    return START + this.#beat * BEAT_MS
  }

  say<K extends Kind>(n: number, op: Op & { k: K }): Rec<K> {
    const last = [...this.write(n, op).records()].at(-1)
    if (last?.op === undefined) throw new Error('a record')
    return last as Rec<K>
  }

  /** Writes anything, readable or not; hands back the ledger of who wrote it. */
  write(n: number, op: Op | Uint8Array): Ledger {
    const who = identity(n)
    const own = this.#own.get(who) ?? ledger(this.genesisBytes, who, () => this.now)
    this.#own.set(who, own)
    this.#beat++
    this.take(write(own, who, [op]))
    return own
  }

  take(segment: Uint8Array): void {
    this.segments.push(segment)
    this.held.ingest(segment)
  }

  get records() {
    return recordsOf(this.held, verifyOnce)
  }

  get bytes(): SpaceBytes {
    return { genesis: this.genesisBytes, parts: this.segments, proofs: this.proofs }
  }
}

/** Verifiers 0 to 3; the founder is 0. The names of the records as the tests use them. */
export function toldChapter(init: GenesisInit = {}) {
  const chapter = new Chapter(init)
  const question = chapter.say(0, { k: 'broadcast', query: 'Is it ready?' })
  const offer = (n: number, agent: string) =>
    chapter.say(n, { k: 'capability_match', for: question.id, confidence: 0.9, offer: `I am ${agent}`, agent })
  const offers = [offer(1, 'history'), offer(2, 'tests')] as const
  const hot = chapter.say(1, { k: 'fact', s: 'pay.ts', p: 'changes', o: 14, agent: 'history' })
  const wrong = chapter.say(2, { k: 'fact', s: 'pay.ts', p: 'lines', o: 1, agent: 'tests' })
  const untested = chapter.say(2, { k: 'build_on', parent: hot.id, content: 'and no test imports it', agent: 'tests' })
  const support = chapter.say(2, { k: 'verify', of: hot.id, v: 1, agent: 'tests' })
  chapter.say(3, { k: 'verify', of: hot.id, v: 1 })
  const before = chapter.now
  const retraction = chapter.say(2, { k: 'retract', of: wrong.id })
  const better = chapter.say(1, { k: 'fact', s: 'pay.ts', p: 'changes', o: 15, sup: hot.id, agent: 'history' })
  const synthesis = chapter.say(2, {
    k: 'synthesis',
    for: question.id,
    content: 'Not yet.',
    claims: [{ text: 'A hot file has no test.', references: [better.id, untested.id] }],
    agent: 'tests',
  })
  return { chapter, question, offers, hot, wrong, untested, support, retraction, better, synthesis, before }
}
