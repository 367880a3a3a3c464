/** An agent apart from its peer, at the other end of a port: nobody notices the difference. */
import { defineAgent, remoteAgent, serveAgent } from '@amp-mesh/agents'
import { conclusion } from '@amp-mesh/context'
import { LexicalEmbedder } from '@amp-mesh/discovery'
import { type Agent, AmpError, type Json, type Mail, type Turn } from '@amp-mesh/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../until.ts'
import { emptyGraph } from './empty-graph.ts'
import { Hamlet } from './hamlet.ts'

/** The agent as its peer gets it, and the channel between them. */
async function apart(agent: Agent): Promise<Agent> {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port1.close())
  serveAgent(agent, port2)
  return remoteAgent(port1)
}

function hamlet(): Hamlet {
  const made = new Hamlet()
  onTestFinished(() => made.close())
  return made
}

const capabilities = [{ text: 'knows the way to Rome' }]

describe('an agent in a worker', () => {
  it('is described, and does only what it can', async () => {
    const bare = await apart(defineAgent({ name: 'bare', capabilities, contribute: async () => {} }))
    expect(bare).toMatchObject({ name: 'bare', capabilities })
    expect([bare.offer, bare.verify, bare.synthesise, bare.receive]).toEqual(Array(4).fill(undefined))
    const full = await apart(
      defineAgent({
        name: 'full',
        operator: 'someone',
        capabilities,
        offer: () => ({ confidence: 1, offer: 'all' }),
        contribute: async () => {},
        verify: async () => undefined,
        synthesise: async () => ({ content: '', claims: [] }),
      }),
    )
    expect(full.operator).toBe('someone')
    expect(Object.keys(full)).toEqual(expect.arrayContaining(['offer', 'verify', 'synthesise']))
  })

  it('receives mail, keeps what it says, and fails as its handler does', async () => {
    const clerk = await apart(
      defineAgent({
        name: 'clerk',
        capabilities,
        contribute: async () => {},
        async receive({ message, from, keep, kept }) {
          keep('last', message)
          if (message === 'bug') throw new TypeError('a secret')
          if (message === 'no') throw new AmpError('busy', 'come back later')
          return [from, (await kept('last')) ?? 'nothing']
        },
      }),
    )
    const store = new Map<string, Json>()
    const given = (message: Json): Mail => ({
      message,
      from: 'anna',
      key: 'k',
      signal: new AbortController().signal,
      keep: (key, value) => void store.set(key, value),
      kept: async key => store.get(key),
    })
    expect(await clerk.receive?.(given('first'))).toEqual(['anna', 'nothing'])
    expect(await clerk.receive?.(given('second'))).toEqual(['anna', 'first'])
    await expect(clerk.receive?.(given('no'))).rejects.toMatchObject({ code: 'busy', message: 'come back later' })
    await expect(clerk.receive?.(given('bug'))).rejects.not.toBeInstanceOf(AmpError)
    expect(store.get('last')).toBe('second')
  })

  it('offers, proposes, builds, verifies, and words the conclusion', async () => {
    const village = hamlet()
    const seen: unknown[] = []
    const useGraph = async ({ graph, signal }: Turn) => {
      const { op } = await graph.solved('How long is the Appian Way?', 120, { context: 'Rome' })
      const [found] = await graph.recall('How long is the way?', 1, signal)
      const known = await graph.lookup('how long is the Appian Way', 'Rome')
      seen.push([op.agent, found?.by.split('/').at(-1), known?.record.op.result])
    }
    const guide = await apart(
      defineAgent({
        name: 'guide',
        capabilities,
        async offer({ query }, { embedder }) {
          const [vector] = await embedder.embed([query])
          return { confidence: vector?.length === embedder.dimensions ? 0.9 : 0.1, offer: 'the way' }
        },
        async contribute(turn) {
          const { say, knowledge, self } = turn
          const id = await say.propose('Take the Appian Way.')
          const own = id === undefined ? undefined : knowledge.get(id)
          if (own !== undefined) seen.push(knowledge.speaker(own) === self, knowledge.status(own.id))
          await useGraph(turn)
          for (const { id: parent, op } of knowledge.of('proposal'))
            if (op.agent === 'sailor') await say.buildOn(parent, 'From Brundisium the road goes on.')
        },
        verify: async ({ op }) => ({ v: op.o === 'a city' ? 1 : -1 }),
        synthesise: async ({ knowledge }) => ({
          content: 'By ship and on foot.',
          claims: knowledge.of('proposal').map(({ id, op }) => ({ text: op.content, references: [id] })),
        }),
      }),
    )
    const sailor = defineAgent({
      name: 'sailor',
      capabilities,
      offer: () => ({ confidence: 0.8, offer: 'a ship' }),
      async contribute({ say }) {
        await say.propose('Sail to Brundisium.')
        await say.fact({ s: 'Rome', p: 'is', o: 'a city' })
      },
    })
    await village.villager('ann').hosts(guide)
    await village.villager('bob').hosts(sailor)
    const asker = village.villager('asker')
    const id = await village.ask('asker', 'How to get to Rome?')
    const concluded = () => {
      const space = asker.space(id)
      return space && conclusion(space.replica.records, space.genesis).synthesis
    }
    await until('a synthesis', () => concluded() !== undefined)

    expect(asker.said(id, 'build_on').map(({ op }) => op.agent)).toContain('guide')
    expect(asker.said(id, 'verify').map(({ op, by }) => [op.v, by])).toContainEqual([
      1,
      village.villager('ann').identity.publicKey,
    ])
    expect(seen.slice(0, 2)).toEqual([true, 'proposed'])
    expect(seen).toContainEqual(['guide', 'guide', 120])
    expect(concluded()?.op.claims.length).toBeGreaterThan(0)
  })

  it('is told to stop, and what it throws arrives', async () => {
    const stopped = Promise.withResolvers<void>()
    const stubborn = await apart(
      defineAgent({
        name: 'stubborn',
        capabilities,
        contribute: ({ signal }) =>
          new Promise(() => signal.addEventListener('abort', () => stopped.resolve(), { once: true })),
        verify: () => Promise.reject(new Error('no idea')),
      }),
    )
    const ending = new AbortController()
    const turn = turnOf(ending.signal)
    const contributing = stubborn.contribute(turn)
    ending.abort(new Error('enough'))
    await expect(contributing).rejects.toThrow('enough')
    await stopped.promise
    const fact = { id: 'x' } as Parameters<NonNullable<Agent['verify']>>[0]
    await expect(stubborn.verify?.(fact, turnOf(new AbortController().signal))).rejects.toThrow('no idea')
  })
})

/** A turn in an empty space, in which nothing can be said. */
function turnOf(signal: AbortSignal): Turn {
  const question = { id: 'q', query: 'How?' }
  const knowledge = {
    space: 's',
    question,
    records: () => [],
    get: () => undefined,
    of: () => [],
    status: () => 'proposed' as const,
    speaker: () => '',
  }
  const quiet = () => {}
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
  const say = async () => undefined
  return {
    self: 'amp://x/stubborn',
    question,
    news: [],
    knowledge,
    graph: emptyGraph,
    say: { propose: say, buildOn: say, concern: say, need: say, fact: say, conflict: say, retract: say, share: say },
    embedder: new LexicalEmbedder(),
    log,
    signal,
  }
}
