/** The logs whose authors signed two histories: what is kept of each, what counts, and what it costs their keys. */
import type { Genesis, PublicKey, Rec } from '@amp-mesh/protocol'
import { type Quorum, quorumOf } from '../quorum.ts'
import { inOrder } from '../records.ts'
import type { Acks, Bench } from './acks.ts'
import { adoptedOf } from './adoption.ts'
import { verifiersOf } from './authors.ts'
import { Branch } from './branch.ts'
import { mended, openFork, widened } from './fork.ts'
import type { Hasher } from './hasher.ts'
import type { History, Piece } from './history.ts'
import type { Log } from './log.ts'
import { resolve } from './resolution.ts'

export class Forks implements Bench {
  readonly quorum: Quorum
  readonly verifiers: ReadonlySet<PublicKey>
  readonly broken = new Set<PublicKey>()
  readonly logs = new Set<Log>()
  readonly #genesis: Genesis
  readonly #acks: Acks
  readonly #hasher: Hasher
  /** By key, lowest first. */
  readonly #epochs = new Map<PublicKey, readonly number[]>()

  constructor(genesis: Genesis, acks: Acks, hasher: Hasher) {
    this.#genesis = genesis
    this.#acks = acks
    this.#hasher = hasher
    this.quorum = quorumOf(genesis)
    this.verifiers = verifiersOf(genesis)
  }

  /** `piece` proves that the author of `log` signed two histories. */
  open(log: Log, piece: Piece): void {
    log.fork = openFork(log.trunk, piece)
    this.logs.add(log)
    const epochs = new Set([...(this.#epochs.get(log.by) ?? []), log.epoch])
    this.#epochs.set(
      log.by,
      [...epochs].sort((a, b) => a - b),
    )
    if (this.verifiers.has(log.by)) this.broken.add(log.by)
  }

  /** One more segment of a forked log, which belongs to the history `home`. */
  widen(log: Log, home: History, piece: Piece): void {
    if (log.fork !== undefined) log.fork = widened(log.fork, log.trunk, home, piece, this.#acks.of(log.id), this)
  }

  /** A piece that we hold may have bytes which are missing in another history. True: it had. */
  mend(log: Log, piece: Piece): boolean {
    if (log.fork === undefined) return false
    const before = log.fork
    log.fork = mended(before, piece)
    return log.fork !== before
  }

  /** Decides again what counts of a log, if it forked. True: something else than before. `anew`: read it again, too. */
  resolve(log: Log, anew = false): boolean {
    const { fork } = log
    if (fork === undefined) return false
    const stays = resolve(fork.at, [log.trunk, ...fork.others], this.#acks.of(log.id), this)
    const to = stays?.to ?? fork.at - 1
    const branch = stays?.chain instanceof Branch ? stays.chain : undefined
    const own = Math.min(branch?.parting ?? to + 1, to + 1)
    return log.show(own, adoptedOf(log, branch, own, to, this.#hasher, this.#genesis.limits), anew)
  }

  /** Readable records of a log's histories that don't count, earliest first. */
  lost(log: Log): Rec[] {
    const counting = new Set(log.records.map(({ id }) => id))
    const branches = (log.fork?.others ?? []).flatMap(
      branch => adoptedOf(log, branch, branch.parting, branch.end, this.#hasher, this.#genesis.limits).records,
    )
    const lost = [...log.trunkRecords, ...branches].filter(({ id, op }) => op !== undefined && !counting.has(id))
    return [...new Map(lost.map(record => [record.id, record as Rec])).values()].sort(inOrder)
  }

  /** Keys that signed two histories. */
  authors(): Iterable<PublicKey> {
    return this.#epochs.keys()
  }

  /** After a key's second proven fork its later epochs are ignored. */
  lastEpoch(by: PublicKey): number {
    return this.#epochs.get(by)?.[1] ?? Number.POSITIVE_INFINITY
  }
}
