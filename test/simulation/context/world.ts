/** The members of a space on a network that loses, repeats, disorders and parts, with machines that die. */
import { Replica, type SyncMessage } from '@amp-mesh/context'
import type { Identity, PeerId, RecordId } from '@amp-mesh/protocol'
import { hashWithOpenSsl, identity, SeededRandom, SimulatedClock, silent, verifyOnce } from '../space.ts'
import { CrashingDisk } from './crashing-disk.ts'

/** An honest member: the product's own replica, on a disk that may crash. */
export interface Member {
  readonly identity: Identity
  readonly disk: CrashingDisk
  readonly replica: Replica
  /** Ids of its records of which it was told that they are durable, whatever died since. */
  readonly acknowledged: Set<RecordId>
}

/** Takes messages without being a replica. */
export interface Stranger {
  readonly identity: Identity
  receive(from: PeerId, message: SyncMessage): void
}

/** Shares of messages. */
export interface Faults {
  lost: number
  repeated: number
  /** Overtaken by others: later by up to half a second. */
  late: number
}

export class World {
  readonly clock = new SimulatedClock()
  readonly random: SeededRandom
  readonly members: Member[] = []
  readonly strangers: Stranger[] = []
  /** Members keep what checkpoints made superfluous. */
  archive = false
  faults: Faults = { lost: 0, repeated: 0, late: 0 }
  readonly #genesis: Uint8Array
  /** Side on which each member is; members of one side reach each other. Strangers reach everybody. */
  readonly #sides = new Map<PeerId, number>()

  constructor(genesis: Uint8Array, seed: number) {
    this.#genesis = genesis
    this.random = new SeededRandom(seed)
  }

  async join(
    who: number | Identity,
    disk = new CrashingDisk(this.clock, this.random),
    acknowledged = new Set<RecordId>(),
  ): Promise<Member> {
    const own = typeof who === 'number' ? identity(who) : who
    const opening = Replica.open({
      genesis: this.#genesis,
      storage: disk,
      identity: own,
      verify: verifyOnce,
      hash: hashWithOpenSsl,
      archive: this.archive,
      clock: this.clock,
      random: this.random,
      logger: silent,
      send: (to, message) => {
        this.send(own.peerId, to, message)
        return true
      },
      mayAdmit: () => true,
    })
    await this.clock.advance(50)
    const member: Member = { identity: own, disk, replica: await opening, acknowledged }
    this.members.push(member)
    for (const { identity: other } of this.strangers) member.replica.neighbour(other.peerId, true)
    this.partition(id => this.#sides.get(id) ?? 0)
    return member
  }

  /** The machine dies and starts again with what is on its disk. */
  async crash(member: Member, downMs: number): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1)
    const disk = await member.disk.crash()
    void member.replica.close()
    for (const other of this.members) other.replica.neighbour(member.identity.peerId, false)
    await this.clock.advance(downMs)
    await this.join(member.identity, disk, member.acknowledged)
  }

  /** Puts every member on a side. */
  partition(sideOf: (peer: PeerId) => number): void {
    for (const { identity: own } of this.members) this.#sides.set(own.peerId, sideOf(own.peerId))
    for (const a of this.members)
      for (const b of this.members)
        if (a !== b) a.replica.neighbour(b.identity.peerId, this.#reaches(a.identity.peerId, b.identity.peerId))
  }

  sideOf(peer: PeerId): number {
    return this.#sides.get(peer) ?? 0
  }

  send(from: PeerId, to: PeerId, message: SyncMessage): void {
    if (this.random.float() < this.faults.lost) return
    const delay = () => 1 + this.random.float() * (this.random.float() < this.faults.late ? 500 : 4)
    this.#deliver(from, to, message, delay())
    if (this.random.float() < this.faults.repeated) this.#deliver(from, to, message, delay())
  }

  #deliver(from: PeerId, to: PeerId, message: SyncMessage, delay: number): void {
    this.clock.after(delay, () => {
      if (!this.#reaches(from, to)) return
      this.strangers.find(({ identity: { peerId } }) => peerId === to)?.receive(from, message)
      void this.members.find(({ identity: { peerId } }) => peerId === to)?.replica.receive(from, message)
    })
  }

  #reaches(a: PeerId, b: PeerId): boolean {
    const [sideA, sideB] = [this.#sides.get(a), this.#sides.get(b)]
    return sideA === undefined || sideB === undefined || sideA === sideB
  }
}
