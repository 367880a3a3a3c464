/** Agents of the stories: small, deterministic, each knows one thing of a trip to New York. */
import { defineAgent } from '@amp-mesh/agents'
import type { Agent, Json, Rec, Turn } from '@amp-mesh/protocol'

export const TRIP = 'Who can help: book travel to New York, flights and hotel, for the marathon weekend?'

interface Knowledge {
  /** What it says about the trip. */
  proposes?: string
  /** Facts it states: subject, predicate, object. Facts of one (s, p) exclude each other. */
  facts?: readonly [s: string, p: string, o: Json][]
  /** What it makes of others' proposals: who of them, and what it adds. */
  buildsOn?: Readonly<Record<string, string>>
  /** What it can derive again: `s p` to the true object. */
  checks?: Readonly<Record<string, Json>>
  /** Runs at the beginning of each turn: to be slow, to fail, to watch the signal. */
  first?(turn: Turn): Promise<void>
}

/** The truth about the trip, as far as anybody can look it up. */
export const TRUTH: Readonly<Record<string, Json>> = {
  'JFK nonstop from LHR': true,
  'marathon date': '2026-11-01',
  'hotel price': 310,
}

export function specialist(name: string, capability: string, knowledge: Knowledge): Agent {
  const { proposes, facts = [], buildsOn = {}, checks, first } = knowledge
  return defineAgent({
    name,
    capabilities: [{ text: capability }],
    operator: name,
    async contribute(turn) {
      await first?.(turn)
      const { say, knowledge } = turn
      const stated: string[] = []
      for (const [s, p, o] of facts) {
        const id = await say.fact({ s, p, o, text: `${s} ${p}: ${JSON.stringify(o)}`, slot: `${s} ${p}` })
        if (id !== undefined) stated.push(id)
      }
      if (proposes !== undefined) await say.propose(proposes, { references: stated, confidence: 0.9 })
      for (const proposal of knowledge.of('proposal')) {
        const addition = buildsOn[proposal.op.agent ?? '']
        if (addition !== undefined) await say.buildOn(proposal.id, addition)
      }
    },
    ...(checks !== undefined && {
      async verify({ op }: Rec<'fact'>) {
        const truth = checks[`${op.s} ${op.p}`]
        if (truth === undefined) return undefined
        return op.o === truth ? { v: 1, why: 'looked it up' } : { v: -1, why: `it is ${JSON.stringify(truth)}` }
      },
    }),
  })
}

export const flights = specialist('flights', 'books flights and travel to any city, New York too', {
  proposes: 'Fly nonstop from London Heathrow to JFK on Friday morning.',
  facts: [['JFK', 'nonstop from LHR', true]],
  checks: TRUTH,
})

export const hotels = specialist('hotels', 'finds a hotel room for travel to New York and other cities', {
  proposes: 'Stay two nights in a hotel near Penn Station.',
  facts: [['hotel', 'price', 310]],
  buildsOn: { flights: 'The AirTrain from JFK ends a short walk from that hotel, so no taxi is needed.' },
  checks: TRUTH,
})

export const guide = specialist('guide', 'plans a weekend itinerary for a trip: marathon, sights, travel in New York', {
  buildsOn: {
    flights: 'Landing on Friday leaves Saturday to collect the start number.',
    hotels: 'From Penn Station the shuttle buses to the marathon start leave at five.',
  },
  checks: TRUTH,
})
