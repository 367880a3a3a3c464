/** Graphs to ask: of members whose ledgers talk, and of records that stand there without a ledger. */
import { LedgerGraph, MemoryStorage, type Records } from '@amp-mesh/context'
import { LexicalEmbedder } from '@amp-mesh/discovery'
import { agentIdOf, type Embedder, type Rec } from '@amp-mesh/protocol'
import { type Member, ReplicaNetwork } from '../../../simulation/replica-network.ts'
import { genesis, genesisBytes, identity } from '../../../simulation/space.ts'

export const embedder: LexicalEmbedder = new LexicalEmbedder()

/** Members 0-3 verify, two of them make a quorum; all are linked. */
export class Room {
  readonly network = new ReplicaNetwork(genesisBytes())
  readonly storages: MemoryStorage[] = []

  async enter(n: number, agent = 'agent'): Promise<{ member: Member; graph: LedgerGraph }> {
    const storage = new MemoryStorage()
    this.storages.push(storage)
    const member = await this.network.join(identity(n), storage)
    for (const other of this.network.members) if (other !== member) this.network.link(member, other)
    return { member, graph: this.graphOf(member).spokenBy(agent) }
  }

  graphOf({ replica, identity }: Member, reader: Embedder = embedder): LedgerGraph {
    return new LedgerGraph({
      genesis: replica.genesis,
      replica,
      append: ops => replica.append(ops),
      self: identity.publicKey,
      embedder: reader,
      clock: this.network.clock,
    })
  }

  /** Lets time pass until the answer is there, and until all have heard of it. */
  async during<T>(action: Promise<T>): Promise<T> {
    let done = false
    const watched = action.finally(() => {
      done = true
    })
    watched.catch(() => {})
    for (let i = 0; i < 2_000 && !done; i++) await this.network.clock.advance(5)
    await this.network.clock.advance(500)
    return watched
  }
}

export const idOf = (n: number, agent = 'agent') => agentIdOf(identity(n).peerId, agent)

/** A graph over records that stand there without a ledger. */
export function graphOver(records: Records, listeners = new Set<(news: readonly Rec[]) => void>()): LedgerGraph {
  return new LedgerGraph({
    genesis: genesis(),
    replica: {
      records,
      subscribe: listener => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    append: async () => [],
    self: identity(0).publicKey,
    embedder,
    clock: {
      now: () => 0,
      after: (_, action) => {
        queueMicrotask(action)
        return () => {}
      },
    },
  })
}
