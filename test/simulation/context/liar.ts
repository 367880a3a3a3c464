/**
 * A member that lies: it has a self for each side of a partition, each with a history of its own, and acknowledges on
 * either side whatever is said there; keeps things to itself, and says what is not so. Liars work together.
 */
import { decodeSegment, encodeSegment, Ledger, ownSlot, type SyncMessage } from '@amp-mesh/context'
import {
  fromBase64url,
  type Head,
  type Identity,
  logIdOf,
  type Op,
  type PeerId,
  type Rec,
  sha256,
  toBase64url,
  utf8,
  VOTE_EPOCH,
  voteHash,
} from '@amp-mesh/protocol'
import { checkpointOp } from '../../../packages/context/src/ledger/checkpoint.ts'
import { isKept } from '../../../packages/context/src/ledger/kept.ts'
import { isForgotten, type OpBytes } from '../../../packages/context/src/ledger/segment.ts'
import { hashWithOpenSsl, type SeededRandom, verifyOnce, write } from '../space.ts'
import { chatter, randomOp, revocable } from './deeds.ts'
import type { Member, Stranger, World } from './world.ts'

interface Self {
  readonly held: Ledger
  /** Every segment it took in or wrote, by log. */
  readonly segments: Map<string, Uint8Array[]>
}

export class Liar implements Stranger {
  readonly identity: Identity
  readonly #world: World
  readonly #random: SeededRandom
  readonly #space: string
  readonly #selves: readonly Self[]
  /** It answers wants of others' logs only to this share of peers. */
  #shares = 0.5
  muted = false
  allies: readonly Liar[] = []

  constructor(world: World, genesis: Uint8Array, own: Identity, selves: number) {
    this.#world = world
    this.#random = world.random
    this.identity = own
    this.#selves = Array.from({ length: selves }, () => ({
      held: new Ledger({
        genesis,
        verify: verifyOnce,
        hash: hashWithOpenSsl,
        now: () => world.clock.now(),
        self: own.publicKey,
      }),
      segments: new Map(),
    }))
    this.#space = (this.#selves[0] as Self).held.id
  }

  receive(from: PeerId, message: SyncMessage): void {
    if (this.muted) return
    if (message.type === 'segment') this.#hear(this.#selfFor(from), message.bytes)
    if (message.type === 'proof')
      for (const half of [message.a, message.b]) this.#hear(this.#random.pick(this.#selves), half)
    if (message.type === 'want') this.#answer(from, message)
    if (message.type === 'heads') this.#ask(from, message)
  }

  /** One thing that no honest member does, or that it does with another mind. */
  act(): void {
    const deed = this.#random.below(15)
    if (deed < 4) this.speak()
    else if (deed < 7) this.acknowledge()
    else if (deed === 7) this.#tellHeads()
    else if (deed === 8) this.#lieInHeads()
    else if (deed === 9) this.#corrupt()
    else if (deed === 10) this.#show(this.#random.pick(this.#selves), this.#random.pick(this.#world.members))
    else if (deed === 11) this.vote()
    else if (deed === 12) for (const self of this.#selves) this.#checkpoint(self)
    else this.#shares = this.#random.float()
  }

  /** Which of its selves a peer sees: those on one side of a partition see the same. */
  #selfFor(peer: PeerId): Self {
    return this.#selves[this.#world.sideOf(peer) % this.#selves.length] as Self
  }

  #hear(self: Self, bytes: Uint8Array): void {
    self.held.ingest(bytes)
    this.#keep(self)
  }

  #keep(self: Self): void {
    for (const { log, bytes } of self.held.takeChanges().segments)
      self.segments.set(log, [...(self.segments.get(log) ?? []), bytes])
  }

  #say(self: Self): void {
    const known = [...self.held.records()]
    const own = known.filter(({ by, op }) => by === this.identity.publicKey && op !== undefined) as Rec[]
    const some = known.slice(-30).map(({ id }) => id)
    const [chance, others] = [this.#random.below(12), this.#random.pick(some)]
    if (chance < 2 && others !== undefined) this.#write(self, { k: 'retract', of: others, erase: true })
    else this.#write(self, chance === 2 ? utf8('[0]') : randomOp(this.#random, some, revocable(own)))
  }

  /** On each side for another record, in whatever slot; at once in two of them, now and then. */
  vote(): void {
    for (const self of this.#selves)
      for (let votes = 1 + this.#random.below(2); votes > 0; votes--) {
        const record = this.#random.pick([...self.held.records()])
        if (record?.op === undefined) continue
        const { slot, ver } = ownSlot(record as Rec)
        const vote = { slot: this.#random.below(4) === 0 ? 'slot0' : slot, ver: ver ?? 0, of: record.id }
        const signature = this.identity.sign(voteHash(this.#space, vote)) as Uint8Array
        const { of, ...where } = vote
        this.#write(self, { k: 'verify', of, v: 1, ...where, e: VOTE_EPOCH, vs: toBase64url(signature) })
      }
  }

  /** Says so much that a checkpoint is due, and states one that is true or not. */
  #checkpoint(self: Self): void {
    for (const op of chatter(this.#random)) this.#write(self, op)
    const log = self.held.log(logIdOf(this.#space, fromBase64url(this.identity.publicKey), 0))
    if (log === undefined) return
    const op = checkpointOp(log)
    const lies: Op[] = [op, { ...op, size: op.size >> 1 }, { ...op, n: op.n + 1 }, { ...op, root: 'A'.repeat(43) }]
    this.#write(self, this.#random.pick(lies) ?? op)
  }

  /** To each side something else. */
  speak(): void {
    for (const self of this.#selves) this.#say(self)
  }

  /** To each side what it holds; now and then, in one breath, what another holds. */
  acknowledge(): void {
    const seen = this.#random.below(5) === 0 ? this.#random.pick(this.#selves) : undefined
    for (const self of this.#selves) {
      const logs = [...(seen ?? self).held.logs()].filter(log => log.trunk.end >= 0)
      const heads = logs.map((log): Op<'ack'>['heads'][number] => {
        const hash = log.trunk.hashAt(log.trunk.end) as Uint8Array
        return [log.id, log.trunk.end, toBase64url(hash.subarray(0, 16))]
      })
      if (heads.length > 0) this.#write(self, { k: 'ack', heads })
    }
  }

  #write(self: Self, op: Op | Uint8Array): void {
    const epoch = this.#random.below(10) === 0 ? 1 : 0
    const log = self.held.log(logIdOf(this.#space, fromBase64url(this.identity.publicKey), epoch))
    if (log?.fork !== undefined || !self.held.takes(this.identity.publicKey, epoch)) return
    let segment: Uint8Array
    try {
      segment = write(self.held, this.identity, [op], epoch)
    } catch {
      return // its log is full
    }
    this.#keep(self)
    for (const { identity: other } of this.#world.members)
      if (this.#selfFor(other.peerId) === self && this.#random.below(5) > 0) this.#send(other.peerId, segment)
    const side = this.#selves.indexOf(self)
    for (const ally of this.allies) ally.#hear(ally.#selves[side % ally.#selves.length] as Self, segment)
  }

  /** Everything of its own that one self says, to one peer. */
  #show(self: Self, member: Member | undefined): void {
    for (const log of self.held.logs())
      if (member !== undefined && log.by === this.identity.publicKey)
        for (const segment of self.segments.get(log.id) ?? []) this.#send(member.identity.peerId, segment)
  }

  #tellHeads(): void {
    for (const {
      identity: { peerId },
    } of this.#world.members)
      this.#tell(peerId, this.#selfFor(peerId).held.heads())
  }

  #lieInHeads(): void {
    const heads = this.#random.pick(this.#selves).held.heads()
    const lies = heads.map(head => {
      const hash = toBase64url(this.#random.bytes(16))
      const lie = this.#random.below(4)
      if (lie === 0) return { ...head, seq: head.seq + this.#random.below(50), hash }
      if (lie === 1) return { ...head, hash }
      if (lie === 2) return { ...head, seq: this.#random.below(head.seq + 1), hash, fork: hash }
      return { ...head, epoch: this.#random.below(16) }
    })
    const peer = this.#random.pick(this.#world.members)?.identity.peerId
    if (peer !== undefined) this.#tell(peer, lies)
  }

  #corrupt(): void {
    const segments = [...this.#random.pick(this.#selves).segments.values()].flat()
    const bytes = this.#random.pick(segments)?.slice()
    const peer = this.#random.pick(this.#world.members)?.identity.peerId
    if (bytes === undefined || peer === undefined) return
    const at = this.#random.below(bytes.length)
    bytes[at] = (bytes[at] as number) ^ (1 << this.#random.below(8))
    this.#send(peer, this.#random.below(4) === 0 ? bytes.subarray(0, at) : bytes)
  }

  #ask(from: PeerId, { heads }: SyncMessage & { type: 'heads' }): void {
    const ranges = heads.slice(0, 8).map(({ pub, epoch, seq }) => ({ pub, epoch, from: 0, to: seq }))
    if (ranges.length > 0 && this.#random.below(3) === 0)
      this.#world.send(this.identity.peerId, from, { type: 'want', space: this.#space, ranges })
  }

  #answer(from: PeerId, { ranges }: SyncMessage & { type: 'want' }): void {
    const self = this.#selfFor(from)
    for (const { pub, epoch } of ranges) {
      if (this.#random.float() > this.#shares) continue
      const id = logIdOf(this.#space, fromBase64url(pub), epoch)
      for (const segment of self.segments.get(id) ?? []) this.#send(from, segment)
    }
  }

  #tell(peer: PeerId, heads: Head[]): void {
    this.#world.send(this.identity.peerId, peer, { type: 'heads', space: this.#space, heads, full: true })
  }

  #send(peer: PeerId, bytes: Uint8Array): void {
    const sent = this.#random.below(6) === 0 ? robbed(bytes) : bytes
    if (sent.length > 0)
      this.#world.send(this.identity.peerId, peer, { type: 'segment', space: this.#space, bytes: sent })
  }
}

/** The same segment without the bytes of what may be forgotten; where they are none, as it is. */
function robbed(bytes: Uint8Array): Uint8Array {
  try {
    const segment = decodeSegment(bytes)
    const entries = segment.entries.map(({ time, ops }) => ({ time, ops: ops.map(withoutBytes) }))
    return encodeSegment({ ...segment, entries })
  } catch {
    return bytes
  }
}

const withoutBytes = (op: OpBytes): OpBytes =>
  isForgotten(op) || isKept(op) ? op : { length: op.length, leaf: sha256(op) }
