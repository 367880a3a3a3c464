/** Taking logs up at a checkpoint: what must be signed, what must be there, who must stand behind it. */
import { type Genesis, type PublicKey, type SpaceId, toBase64url, type Verify } from '@amp-mesh/protocol'
import { type Acks, type Bench, finalSeq } from './acks.ts'
import { verifiersOf } from './authors.ts'
import { checkpointIn, readLive } from './checkpoint.ts'
import type { Hasher, Links } from './hasher.ts'
import type { AnyRecord, Checkpoint, LiveOp } from './live-records.ts'
import { Log } from './log.ts'
import type { Verdict } from './outcome.ts'
import { costOf, fallsBack, type Segment } from './segment.ts'

export interface CheckpointsInit {
  space: SpaceId
  genesis: Genesis
  verify: Verify
  hasher: Hasher
  acks: Acks
  bench: Bench
}

/** A log as its checkpoint begins it, and the segment that it goes on with. */
export interface Opened {
  readonly log: Log
  readonly records: readonly AnyRecord[]
  readonly segment: Segment
  readonly links: Links
}

export class Checkpoints {
  readonly #init: CheckpointsInit
  readonly #verifiers: ReadonlySet<PublicKey>

  constructor(init: CheckpointsInit) {
    this.#init = init
    this.#verifiers = verifiersOf(init.genesis)
  }

  /** `bytes`: a segment that begins with a checkpoint's entry. A verdict: why the log can't begin so. */
  open(bytes: Uint8Array, live: readonly LiveOp[]): Opened | Verdict {
    const { space, genesis, verify, hasher } = this.#init
    const found = checkpointIn(bytes, genesis.limits)
    if (found === undefined) return { outcome: 'bad-segment' }
    const { segment, op } = found
    if (!this.allows(toBase64url(segment.pub))) return { outcome: 'pruned', segment }
    if (fallsBack(segment.entries, 0)) return { outcome: 'time-backwards', segment }
    if (op.size + costOf(segment.entries) > genesis.limits.quota) return { outcome: 'quota', segment }
    const links = hasher.of(segment)
    if (!verify(segment.signature, links.hashes.at(-1) as Uint8Array, segment.pub))
      return { outcome: 'bad-signature', segment }
    const log = new Log(space, segment.pub, segment.epoch)
    const records = readLive(log, { seq: segment.from, op }, live, hasher, genesis.limits)
    if (records === undefined) return { outcome: 'bad-segment', segment }
    const { ops: n, size } = op
    const before = { hash: segment.prev, time: 0, spent: size, nextOp: n }
    log.begin({ seq: segment.from, n, live: op.n, size, spent: size }, before, records)
    return { log, records, segment, links }
  }

  /** Verifiers' own logs are replayed whole: what they acknowledged decides what is believed of others. */
  allows(by: PublicKey): boolean {
    return !this.#verifiers.has(by)
  }

  /**
   * Who was away while all others let go of the entries it lacks can't go on where it stood: it takes the log up anew
   * at a checkpoint behind that, if a quorum stands behind what it is given.
   */
  isBeyond({ id, by, trunk, fork }: Log, { segment, links }: Opened): boolean {
    if (fork !== undefined || trunk.end + 1 >= segment.from) return false
    const chain = { hashAt: (seq: number) => links.hashes[seq - segment.from] }
    return finalSeq(chain, this.#init.acks.of(id), this.#init.bench, by) >= segment.from
  }

  /** Lets go of what came before the last checkpoint of a log, if it is proven. False: it is not. */
  prune(log: Log): boolean {
    if (log.checkpoint === undefined || this.provenOf(log) !== log.checkpoint) return false
    log.prune(log.checkpoint)
    return true
  }

  /** Gives back the quota that a checkpoint freed which a quorum stands behind by now. */
  settle({ id, by, trunk, stated }: Log): void {
    if (stated.isSettled) return
    const { acks, bench } = this.#init
    const isAlone = this.#verifiers.size === 1 && this.#verifiers.has(by)
    stated.settle(isAlone ? trunk.end : finalSeq(trunk, acks.of(id), bench, by))
  }

  /** The last checkpoint beyond which a quorum of verifiers holds the log: others may begin there. */
  provenOf({ id, by, trunk, stated, fork }: Log): Checkpoint | undefined {
    if (fork !== undefined || !this.allows(by)) return undefined
    const candidates = [stated.last, stated.first].filter(each => each !== undefined)
    if (candidates.length === 0) return undefined
    const final = finalSeq(trunk, this.#init.acks.of(id), this.#init.bench, by)
    return candidates.find(({ seq }) => seq <= final)
  }
}
