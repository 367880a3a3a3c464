/**
 * Replicas of one space on a simulated network: links that can be cut, messages that take time, counts of what was
 * sent.
 */
import { MemoryStorage, Replica, type SyncMessage } from '@amp-mesh/context'
import {
  encodeMessage,
  type Identity,
  type LedgerCode,
  type Op,
  type PeerId,
  type Rec,
  type Storage,
} from '@amp-mesh/protocol'
import { SeededRandom, SimulatedClock, silent, verifyOnce } from './space.ts'

export interface Member {
  readonly identity: Identity
  readonly replica: Replica
  readonly storage: Storage
  readonly strikes: [PeerId, LedgerCode][]
  /** All records its subscribers were told of. */
  readonly heard: Rec[]
}

export class ReplicaNetwork {
  readonly clock = new SimulatedClock()
  readonly members: Member[] = []
  /** Messages by type. */
  readonly sent = new Map<string, number>()
  bytes = 0
  /** Whether members that join from now on keep what checkpoints made superfluous. */
  archive = false
  /** Share of messages that get lost. */
  loss = 0
  readonly #genesis: Uint8Array
  readonly #random: SeededRandom
  readonly #links = new Set<string>()
  /** By each that only pretends: whom it is linked to. */
  readonly #pretenders = new Map<PeerId, readonly Member[]>()
  /** When the last message of a stream arrives. */
  readonly #busyUntil = new Map<string, number>()

  constructor(genesis: Uint8Array, seed = 1) {
    this.#genesis = genesis
    this.#random = new SeededRandom(seed)
  }

  async join(identity: Identity, storage: Storage = new MemoryStorage()): Promise<Member> {
    const strikes: [PeerId, LedgerCode][] = []
    const heard: Rec[] = []
    const replica = await Replica.open({
      genesis: this.#genesis,
      storage,
      identity,
      verify: verifyOnce,
      clock: this.clock,
      random: this.#random,
      logger: silent,
      archive: this.archive,
      send: (to, message) => this.#send(identity.peerId, to, message),
      onStrike: (peer, code) => strikes.push([peer, code]),
      mayAdmit: () => true,
    })
    replica.subscribe(news => heard.push(...news))
    const member = { identity, replica, storage, strikes, heard }
    this.members.push(member)
    return member
  }

  link(a: Member, b: Member, up = true): void {
    const name = linkOf(a.identity.peerId, b.identity.peerId)
    if (this.#links.has(name) === up) return
    if (up) this.#links.add(name)
    else this.#links.delete(name)
    a.replica.neighbour(b.identity.peerId, up)
    b.replica.neighbour(a.identity.peerId, up)
  }

  /** One that says to hold whatever it is told that others hold, and never gives anything. */
  pretend(pretender: PeerId, to: readonly Member[]): void {
    this.#pretenders.set(pretender, to)
    for (const member of to) {
      this.#links.add(linkOf(pretender, member.identity.peerId))
      member.replica.neighbour(pretender, true)
    }
  }

  /** Links everybody with everybody of the same group, and nobody across. */
  partition(...groups: Member[][]): void {
    for (const a of this.members)
      for (const b of this.members)
        if (a !== b)
          this.link(
            a,
            b,
            groups.some(group => group.includes(a) && group.includes(b)),
          )
  }

  /** A member goes without a word, as after kill -9. */
  drop(member: Member): void {
    for (const other of this.members) if (other !== member) this.link(member, other, false)
    this.members.splice(this.members.indexOf(member), 1)
  }

  /** Says something and lets time pass until it is stored. */
  async say(member: Member, ...ops: Op[]): Promise<Rec[]> {
    const said = member.replica.append(ops)
    said.catch(() => {})
    await this.clock.advance(5)
    return said
  }

  #send(from: PeerId, to: PeerId, message: SyncMessage): boolean {
    this.sent.set(message.type, (this.sent.get(message.type) ?? 0) + 1)
    this.bytes += encodeMessage(message).length
    if (!this.#links.has(linkOf(from, to)) || this.#random.float() < this.loss) return true
    // a stream keeps its order
    const way = `${from}>${to}`
    const due = Math.max(this.#busyUntil.get(way) ?? 0, this.clock.now() + 1 + this.#random.float() * 4)
    this.#busyUntil.set(way, due + 0.001)
    this.clock.after(due - this.clock.now(), () => {
      if (!this.#links.has(linkOf(from, to))) return
      const receiver = this.members.find(member => member.identity.peerId === to)
      void receiver?.replica.receive(from, message)
      if (message.type !== 'heads') return
      for (const { identity } of this.#pretenders.get(to) ?? [])
        if (identity.peerId !== from) this.#send(to, identity.peerId, message)
    })
    return true
  }
}

const linkOf = (a: PeerId, b: PeerId) => [a, b].sort().join()

/** Ids of all records a member shows, in order. */
export const recordIds = (member: Member): string[] => [...member.replica.records.all()].map(({ id }) => id).sort()
