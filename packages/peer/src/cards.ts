/**
 * Cards on the move: own ones signed and renewed, what is news gossiped; others' pulled from every new neighbour and,
 * now and then, any.
 */
import {
  type CardContent,
  type Directory,
  inMessages,
  nextCard,
  type PutResult,
  renewalOf,
  sameContent,
  vectorsOf,
  verdictOf,
} from '@amp-mesh/discovery'
import {
  AGENT_LIMITS,
  type AgentCard,
  type AgentId,
  AmpError,
  agentIdOf,
  type Cancel,
  type Clock,
  decodeMessage,
  type Embedder,
  encodeMessage,
  type Identity,
  type Logger,
  type MeshId,
  type Message,
  type Network,
  type PeerId,
  type Random,
  type SignedCard,
  type Stream,
  signCard,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { answersTo, CardPull } from './card-pull.ts'
import { Channel } from './channel.ts'
import type { CardDraft } from './contract.ts'
import type { WireNames } from './protocols.ts'

export interface CardsInit {
  network: Network
  names: WireNames
  mesh: MeshId
  identity: Identity
  directory: Directory
  clock: Clock
  random: Random
  logger: Logger
  /** Its vectors go with the cards, unless it is the built-in one. */
  embedder: Embedder
  linked(): PeerId[]
}

/** Simultaneous card conversations of one peer with us: LIBP2P.md, the one table. */
const STREAMS = 4
/** The whole conversation of one pull, ms. */
const PULL_MS = 5_000
/**
 * Between two pulls from a random neighbour, ms: gossip does not repair what was missed (RELIABILITY.md F6), and
 * most renewals travel by nothing else: there are five minutes for them.
 */
const REPAIR_MS = 3_000
/** New addresses come in twos and threes: cards are written anew when it is quiet for so long, ms. */
const SETTLE_MS = 200
/** Bytes of a message of the card protocol: cardsPerMessage cards of the largest size and their envelope. */
const MESSAGE = WIRE_LIMITS.message

export class Cards {
  readonly #init: CardsInit
  readonly #jitter: number
  readonly #handlers: Cancel[]
  readonly #own = new Map<AgentId, AgentCard>()
  readonly #drafted = new Map<string, readonly CardDraft[]>()
  #drafts: readonly CardDraft[] = []
  /** Of the drafts as they are, by what they say; undefined while they are made, and where they are not worth it. */
  #vectors = new Map<string, AgentCard['vectors']>()
  #cancelRenewal: Cancel = () => {}
  #cancelRepair: Cancel = () => {}
  #cancelMove: Cancel = () => {}

  constructor(init: CardsInit) {
    this.#init = init
    this.#jitter = init.random.float()
    this.#handlers = [
      init.network.handle(init.names.card, STREAMS, stream => this.#serve(stream)),
      init.network.subscribe(init.names.topics.cards, bytes => this.#gossiped(bytes, 1)),
      init.network.subscribe(init.names.topics.batches, bytes => this.#gossiped(bytes, WIRE_LIMITS.cardsPerMessage)),
    ]
    this.#handlers.push(init.network.on('addresses', () => this.#moved()))
    this.#repairLater()
  }

  /** Own cards as they stand. */
  own(): AgentCard[] {
    return [...this.#own.values()]
  }

  /**
   * Announces exactly these agents of `host` (there are several where tabs share a peer; of one name the last counts);
   * those announced before and missing now are said to be gone. Rejects with `bad-input` when they become too many.
   */
  async announce(agents: readonly CardDraft[], host = ''): Promise<void> {
    const others = [...this.#drafted].flatMap(([other, its]) => (other === host ? [] : its))
    const drafts = [...new Map([...others, ...agents].map(draft => [draft.name, draft])).values()]
    if (drafts.length > AGENT_LIMITS.agentsPerPeer)
      throw new AmpError('bad-input', `a peer hosts at most ${AGENT_LIMITS.agentsPerPeer} agents: start another peer`)
    this.#drafted.delete(host)
    if (agents.length > 0) this.#drafted.set(host, agents)
    const names = new Set(drafts.map(({ name }) => name))
    const gone = this.#drafts
      .filter(({ name }) => !names.has(name))
      .map(draft => ({ ...draft, state: 'gone' as const }))
    this.#drafts = drafts
    await this.#issue([...drafts, ...gone])
    void this.#bringVectors()
  }

  /** Says of every own agent that it takes nothing new, or is gone. */
  async close(state: 'draining' | 'gone'): Promise<void> {
    this.#drafts = this.#drafts.map(draft => ({ ...draft, state }))
    await this.#issue(this.#drafts)
  }

  stop(): void {
    this.#cancelRenewal()
    this.#cancelRepair()
    this.#cancelMove()
    for (const cancel of this.#handlers) cancel()
  }

  /** Asks a peer for the cards we lack, and files them. Resolves when it has no more, or nothing more can be had. */
  async pull(peer: PeerId, signal?: AbortSignal): Promise<void> {
    const { clock, logger, names, network } = this.#init
    const pull = new CardPull(this.#init)
    try {
      const stream = await network.open(peer, names.card, signal)
      await new Promise<void>(resolve => {
        const ask = () => {
          const question = pull.next()
          if (question === undefined) void channel.close()
          else channel.post(question)
        }
        const channel: Channel = new Channel({
          stream,
          clock,
          maxBytes: MESSAGE,
          onMessage: message => {
            if (pull.heard(message)) ask()
          },
          onClose: () => {
            cancel()
            signal?.removeEventListener('abort', stop)
            resolve()
          },
        })
        const stop = () => channel.abort(new AmpError('unreachable', 'the cards took too long'))
        const cancel = clock.after(PULL_MS, stop)
        signal?.addEventListener('abort', stop, { once: true })
        ask()
      })
    } catch (error) {
      logger.debug('no cards could be pulled', { peer, error: String(error) })
    }
  }

  async #issue(drafts: readonly CardDraft[]): Promise<void> {
    const { clock, directory, identity, names, network } = this.#init
    const news: SignedCard[] = []
    try {
      for (const draft of drafts) {
        const content = this.#content(draft)
        const last = this.#own.get(content.agent)
        const card = nextCard(content, last, clock.now(), this.#jitter)
        if (card === undefined) continue
        const signed = await signCard(card, identity)
        if (directory.put(signed) === 'refused')
          throw new AmpError('bad-input', `the card of ${draft.name} is too large`)
        if (card.state === 'gone') this.#own.delete(card.agent)
        else this.#own.set(card.agent, card)
        const isNews = last === undefined || !sameContent(content, last)
        // where there are more cards than places a pull looks at few of them: too few to renew all in time
        if (isNews || directory.isPartial) news.push(signed)
      }
    } finally {
      for (const cards of inMessages(news)) {
        const topic = cards.length === 1 ? names.topics.cards : names.topics.batches
        await network.publish(topic, encodeMessage({ type: 'cards', cards, more: false }))
      }
    }
    this.#renewLater()
  }

  #content(draft: CardDraft): CardContent {
    const { identity, mesh, network } = this.#init
    const { name, description, capabilities, operator, model, cost, state } = draft
    const vectors = this.#vectors.get(wordsOf(draft))
    return {
      v: 1,
      mesh,
      agent: agentIdOf(identity.peerId, name),
      ...(description !== undefined && { description }),
      capabilities: [...capabilities],
      operator,
      model,
      ...(cost !== undefined && { cost }),
      state,
      addresses: network.addresses().slice(0, 8),
      ...(vectors !== undefined && { vectors }),
    }
  }

  /** A model may take its time: cards are issued without vectors first, and anew when those are there. */
  async #bringVectors(): Promise<void> {
    const { embedder, identity, logger } = this.#init
    const known = this.#vectors
    this.#vectors = new Map(this.#drafts.map(draft => [wordsOf(draft), known.get(wordsOf(draft))]))
    const fresh = this.#drafts.filter(draft => !known.has(wordsOf(draft)))
    try {
      for (const draft of fresh) {
        const { description, capabilities, name } = draft
        const said = { agent: agentIdOf(identity.peerId, name), capabilities: [...capabilities] }
        const vectors = await vectorsOf({ ...said, ...(description !== undefined && { description }) }, embedder)
        if (vectors !== undefined && this.#vectors.has(wordsOf(draft))) this.#vectors.set(wordsOf(draft), vectors)
      }
      if ([...this.#vectors.values()].some(vectors => vectors !== undefined)) await this.#issue(this.#drafts)
    } catch (error) {
      logger.debug('cards go without vectors', { error: String(error) })
    }
  }

  /** Cards say where their peer is. */
  #moved(): void {
    const { clock, logger } = this.#init
    this.#cancelMove()
    this.#cancelMove = clock.after(SETTLE_MS, () => {
      this.#issue(this.#drafts).catch(error => logger.warn('cards were not renewed', { error: String(error) }))
    })
  }

  #renewLater(): void {
    const { clock, logger } = this.#init
    this.#cancelRenewal()
    const due = Math.min(...this.own().map(card => renewalOf(card, this.#jitter)))
    if (!Number.isFinite(due)) return
    this.#cancelRenewal = clock.after(Math.max(1_000, due - clock.now()), () => {
      this.#issue(this.#drafts).catch(error => logger.warn('cards were not renewed', { error: String(error) }))
    })
  }

  #repairLater(): void {
    const { clock, linked, random } = this.#init
    this.#cancelRepair = clock.after(REPAIR_MS * (0.5 + random.float()), () => {
      const peers = linked()
      const peer = peers[Math.floor(random.float() * peers.length)]
      if (peer !== undefined) void this.pull(peer)
      this.#repairLater()
    })
  }

  /** `most`: cards that a message of this topic may have. */
  #gossiped(bytes: Uint8Array, most: number): 'accept' | 'ignore' | 'reject' {
    let message: Message
    try {
      message = decodeMessage(bytes, { maxBytes: WIRE_LIMITS.gossip })
    } catch {
      return 'reject'
    }
    if (message.type !== 'cards' || message.cards.length === 0 || message.cards.length > most) return 'reject'
    const results: PutResult[] = []
    for (const card of message.cards) {
      results.push(this.#init.directory.put(card))
      // who sends one that is forged is not worth checking more
      if (results.at(-1) === 'refused') break
    }
    return verdictOf(results)
  }

  /** The other side of a pull. */
  #serve(stream: Stream): void {
    const { clock, directory } = this.#init
    const channel: Channel = new Channel({
      stream,
      clock,
      maxBytes: MESSAGE,
      onMessage: message => {
        if (message.type !== 'cards_want') throw new AmpError('bad-message', 'not a request for cards')
        for (const answer of answersTo(message, directory)) channel.post(answer)
      },
      onClose: () => cancel(),
    })
    const cancel = clock.after(PULL_MS, () => channel.abort(new AmpError('busy', 'the request took too long')))
  }
}

const wordsOf = ({ name, description, capabilities }: CardDraft) => JSON.stringify([name, description, capabilities])
