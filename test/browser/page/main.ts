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

const testPage = {
  async start(): Promise<string> {
    running = await createPeer()
    return running.identity.peerId
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
