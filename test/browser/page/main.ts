/** What the test page lets tests do: be a peer, host an agent, ask, look. Everything goes in and out as plain data. */
import { conclusion } from '@amp-mesh/context'
import type { Answer, AskOptions, Peer, PeerInfo } from '@amp-mesh/peer'
import type { AgentId, Json, Rec, SpaceId } from '@amp-mesh/protocol'
import {
  createPeer,
  type Direct,
  defineAgent,
  hostAgents,
  type LetterOptions,
  type PeerInit,
  type Published,
  remoteAgent,
  type SubscribeOptions,
} from 'amp-mesh/browser'

/** An agent who acts for a person: it says one thing, as a proposal or on top of another agent's. */
export interface Person {
  name: string
  capability: string
  says: string
  /** The agent whose proposal it builds on; without one it proposes. */
  on?: string
}

type TabPeer = Awaited<ReturnType<typeof createPeer>>

let running: TabPeer | undefined
const peer = (): TabPeer => {
  if (running === undefined) throw new Error('no peer here')
  return running
}

const heard: Published[] = []
let channel: Direct | undefined

async function watch(started: Peer): Promise<void> {
  for await (const _ of started.inspect());
  if (running === started) running = undefined
}

const testPage = {
  async start(init: Pick<PeerInit, 'invitation'> = {}): Promise<string> {
    running = await createPeer(init)
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

  /**
   * Hosts an agent that counts, on the disk, what it has handled, and answers with the number. One that is stuck says
   * that it is, and answers nothing.
   */
  async hostClerk({ name, stuck = false }: { name: string; stuck?: boolean }): Promise<void> {
    const clerk = defineAgent({
      name,
      capabilities: [{ text: 'counts letters' }],
      contribute: async () => {},
      async receive({ message, keep, kept }) {
        if (stuck) {
          document.title = 'stuck'
          await new Promise<never>(() => {})
        }
        const count = Number((await kept('count')) ?? 0) + 1
        keep('count', count)
        return { message, count }
      },
    })
    await hostAgents(peer(), [clerk])
    peer().onConnect(name, async direct => {
      for await (const message of direct) await direct.send({ echo: message })
    })
  },

  /** Sends a letter; resolves when it was answered, with the states it went through. */
  async send(to: AgentId, message: Json, options?: LetterOptions): Promise<{ states: string[]; answer: Json }> {
    const receipt = peer().send(to, message, options)
    const states = await Array.fromAsync(receipt)
    return { states, answer: await receipt.done }
  },

  /** Resolves when the letter is durable in this tab. */
  queue: (to: AgentId, message: Json): Promise<void> => peer().send(to, message).queued,

  /** The code of why a letter was not taken. */
  async refusal(to: AgentId, message: Json, options?: LetterOptions): Promise<string> {
    return peer()
      .send(to, message, options)
      .done.then(
        () => 'none',
        error => error.code,
      )
  },

  request: (to: AgentId, message: Json): Promise<Json> => peer().request(to, message),
  publish: (subject: string, data: Json): Promise<void> => peer().publish(subject, data),

  /** What is heard is for `heard`. */
  subscribe(pattern: string, options?: SubscribeOptions): void {
    const listen = async () => {
      for await (const published of peer().subscribe(pattern, options)) heard.push(published)
    }
    void listen()
  },

  heard: (): Published[] => heard,

  /** Says something on a channel to an agent, the same one each time, and gives what is answered. */
  async talk(to: AgentId, message: Json): Promise<Json> {
    channel ??= await peer().connect(to)
    await channel.send(message)
    for await (const answer of channel) return answer
    return 'the channel has ended'
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
