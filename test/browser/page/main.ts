/** What the test page lets tests do: be a peer, host an agent, ask, look. Everything goes in and out as plain data. */
import { conclusion } from '@amp-mesh/context'
import type { Answer, AskOptions, Peer, PeerInfo } from '@amp-mesh/peer'
import type { Rec, SpaceId } from '@amp-mesh/protocol'
import { createPeer, defineAgent, hostAgents, remoteAgent } from 'amp-mesh/browser'

/** An agent who acts for a person: it says one thing, as a proposal or on top of another agent's. */
export interface Person {
  name: string
  capability: string
  says: string
  /** The agent whose proposal it builds on; without one it proposes. */
  on?: string
}

let running: Peer | undefined
const peer = (): Peer => {
  if (running === undefined) throw new Error('no peer here')
  return running
}

async function watch(started: Peer): Promise<void> {
  for await (const _ of started.inspect());
  if (running === started) running = undefined
}

const testPage = {
  async start(): Promise<string> {
    running = await createPeer()
    void watch(running)
    return running.identity.peerId
  },

  /** Whether the peer has ended by itself: it was another tab's. */
  ended: (): boolean => running === undefined,

  async stop(): Promise<void> {
    await peer().stop()
  },

  async host({ name, capability, says, on }: Person): Promise<void> {
    const agent = defineAgent({
      name,
      capabilities: [{ text: capability }],
      async contribute({ say, knowledge }) {
        if (on === undefined) await say.propose(says)
        for (const proposal of knowledge.of('proposal'))
          if (proposal.op.agent === on) await say.buildOn(proposal.id, says)
      },
    })
    await hostAgents(peer(), [agent])
  },

  /** Hosts the agent of `diner.ts`, which runs in a worker. */
  async hostDiner(): Promise<void> {
    const worker = new Worker(new URL('./diner.ts', import.meta.url), { type: 'module' })
    await hostAgents(peer(), [await remoteAgent(worker)])
  },

  ask: (query: string, options?: AskOptions): Promise<Answer> => peer().ask(query, options).answer,
  /** Names of the agents that can do it. */
  async find(text: string): Promise<string[]> {
    const names: string[] = []
    for await (const { agent } of peer().find(text, { limit: 4 })) names.push(agent.slice(agent.lastIndexOf('/') + 1))
    return names
  },
  peers: (): PeerInfo[] => peer().peers(),
  addresses: (): string[] => peer().addresses(),
  spaces: (): SpaceId[] =>
    peer()
      .spaces()
      .map(({ id }) => id),

  records(id: SpaceId): Rec[] {
    return [...(peer().space(id)?.replica.records.all() ?? [])]
  },

  synthesis(id: SpaceId): Rec<'synthesis'> | undefined {
    const space = peer().space(id)
    return space && conclusion(space.replica.records, space.genesis).synthesis
  },
}

export type TestPage = typeof testPage
Object.assign(window, { amp: testPage })
