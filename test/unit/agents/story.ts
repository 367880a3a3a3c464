/** Records as if several peers had written them, and the scene one of them sees: for tests of pure decisions. */
import { Records } from '@amp-mesh/context'
import { type Genesis, type Op, type Rec, SPACE_LIMITS } from '@amp-mesh/protocol'
import type { Duty, Scene, Seat } from '../../../packages/agents/src/agenda.ts'
import { decide } from '../../../packages/agents/src/collaboration.ts'

/** A name becomes a key: `ann` is `annAAA…`. */
export const keyOf = (name: string): string => name.padEnd(43, 'A')

export class Story {
  readonly records = new Records()
  readonly genesis: Genesis
  readonly question: Rec
  readonly #written: Rec[] = []

  constructor(verifiers: string[] = [], budgetMs = 30_000) {
    this.genesis = {
      v: 1,
      mesh: 'm'.repeat(43),
      name: 'story',
      founder: keyOf('asker'),
      verifiers: ['asker', ...verifiers].map(name => ({ pub: keyOf(name), operator: name, model: 'none' })),
      open: true,
      policy: { domains: 1 },
      budget: { ms: budgetMs },
      offerWindowMs: 1_000,
      limits: SPACE_LIMITS,
      salt: 's'.repeat(22),
    }
    this.question = this.say('asker', { k: 'broadcast', query: 'How to get to Rome?' })
  }

  /** `who` says it, as the agent of the same name. */
  say<K extends Op['k']>(who: string, op: Op<K>): Rec<K> {
    const n = this.#written.filter(({ by }) => by === keyOf(who)).length
    const agent = ['retract', 'admit', 'broadcast'].includes(op.k) ? {} : { agent: who }
    const time = this.#written.length + 1
    const id = `r${time}`.padEnd(32, '_')
    const record = { id, by: keyOf(who), log: who.padEnd(22, '_'), seq: n, n, time, op: { ...op, ...agent } } as Rec<K>
    this.#written.push(record)
    this.records.add([record])
    return record
  }

  offer(who: string, confidence = 0.5): Rec {
    return this.say(who, { k: 'capability_match', for: this.question.id, confidence, offer: 'help' })
  }

  propose(who: string, content: string, references: string[] = []): Rec {
    return this.say(who, { k: 'proposal', for: this.question.id, content, references })
  }

  fact(who: string, s: string, o: string | number, slot?: string): Rec<'fact'> {
    return this.say(who, { k: 'fact', s, p: 'is', o, ...(slot !== undefined && { slot }) })
  }

  verify(who: string, of: string, v: 1 | -1): Rec {
    return this.say(who, { k: 'verify', of, v })
  }

  settle(...who: string[]): void {
    for (const each of who) this.say(each, { k: 'settle', heads: this.records.heads().map(([log, seq]) => [log, seq]) })
  }
}

export const seat = (name: string, more: Partial<Seat> = {}): Seat => ({
  name,
  stage: 'offered',
  confidence: 0.5,
  news: false,
  busy: false,
  verifies: false,
  considered: new Set(),
  ...more,
})

/** What `who` sees, 10 s after the question and after all that was said, if nothing else is told. */
export function sceneOf(story: Story, who: string, more: Partial<Scene> = {}): Scene {
  return {
    age: 10_000,
    self: keyOf(who),
    genesis: story.genesis,
    records: story.records,
    suspected: new Map(),
    seats: [seat(who)],
    done: new Set(),
    running: 0,
    lastNews: 0,
    since: () => 0,
    ...more,
  }
}

/** Duties as words: `contribute ann`, `verify r3`, `conclude ann`. */
export function duties(scene: Scene): string[] {
  return decide(scene).duties.map(wordOf)
}

function wordOf(duty: Duty): string {
  if (duty.do === 'stop') return `stop: ${duty.why}`
  if (duty.do === 'verify') return `verify ${duty.fact.op.s}`
  if (duty.do === 'endorse') return `endorse ${duty.synthesis.op.content}`
  if (duty.do === 'point out') return `point out ${duty.conflict.id}`
  if (duty.do === 'mediate') return `mediate${duty.last ? ' at last' : ''}`
  return `${duty.do} ${duty.agent}${duty.do === 'conclude' && duty.partial ? ' in part' : ''}`
}
