/** Our own log in a space: which epoch we write in, and how what we say becomes signed entries. */
import {
  AmpError,
  equalBytes,
  fromBase64url,
  type Identity,
  type LogId,
  logIdOf,
  type Op,
  type PublicKey,
  type Rec,
  type SpaceLimits,
} from '@amp-mesh/protocol'
import { checkpointOp, isDue } from './ledger/checkpoint.ts'
import type { Ledger } from './ledger/ledger.ts'
import { writeRecordOp } from './ledger/op.ts'
import { opsLength } from './ledger/segment.ts'
import type { Loaded } from './store/keeper.ts'

/** Something to say, and whom to tell how it went. */
export interface Append {
  readonly ops: readonly Uint8Array[]
  resolve(records: Rec[]): void
  reject(reason: unknown): void
}

/** What became of some appends: in the ledger, but not stored yet. */
export interface Written {
  readonly log: LogId
  readonly segment: Uint8Array
  readonly appends: readonly { readonly append: Append; readonly records: Rec[] }[]
}

export class OwnLog {
  readonly ids: readonly LogId[]
  readonly #ledger: Ledger
  readonly #identity: Identity
  readonly #pub: Uint8Array
  #firstEpoch = 0
  /** Entries we wrote may be gone from here, and held by others. */
  lostSomething = false
  /** How many entries of each own log were written here, or were on our disk. */
  readonly #own = new Map<LogId, number>()

  constructor(ledger: Ledger, identity: Identity) {
    this.#ledger = ledger
    this.#identity = identity
    this.#pub = fromBase64url(identity.publicKey)
    const { epochsPerAuthor } = ledger.genesis.limits
    this.ids = Array.from({ length: epochsPerAuthor }, (_, epoch) => logIdOf(ledger.id, this.#pub, epoch))
  }

  get by(): PublicKey {
    return this.#identity.publicKey
  }

  /**
   * Compares what was loaded with where it ended when it was written. A log that does not reach its marker, or whose
   * marker is of before a repair, may have lost entries that others hold: to write in it again would be a fork, so we
   * go on in the next epoch. Returns the epochs given up.
   */
  check({ markers, life, isNew }: Loaded): number[] {
    const own = markers.filter(({ pub }) => pub === this.by)
    const given = this.ids.flatMap((id, epoch) => {
      const marker = own.find(each => each.epoch === epoch)
      const log = this.#ledger.log(id)
      const mayBeLost = life > 0 && !isNew && own.length === 0 && epoch === 0
      if (marker === undefined) return log === undefined && !mayBeLost ? [] : [epoch]
      if (marker.life !== life) return [epoch]
      const hash = log?.trunk.end === marker.seq ? log.trunk.hashAt(marker.seq) : undefined
      return hash !== undefined && equalBytes(hash, marker.hash) ? [] : [epoch]
    })
    this.#firstEpoch = Math.max(-1, ...given) + 1
    this.lostSomething = given.length > 0
    for (const id of this.ids) this.#own.set(id, this.#held(id))
    return given
  }

  /** Throws `bad-input` or `too-large`: what others could not read is not written. */
  encode(ops: readonly Op[]): Uint8Array[] {
    const { limits } = this.#ledger.genesis
    const bytes = ops.map(op => writeRecordOp(op, limits))
    if (bytes.length === 0) throw new AmpError('bad-input', 'nothing to append')
    if (!fits(bytes, limits)) throw new AmpError('too-large', 'too many records at once; append them in several calls')
    return bytes
  }

  /** Signs appends into as few entries as the limits allow. Those that can't be written are rejected here. */
  async write(appends: readonly Append[]): Promise<Written[]> {
    const written: Written[] = []
    for (const group of packed(appends, this.#ledger.genesis.limits))
      try {
        written.push(await this.#writeEntry(group))
      } catch (error) {
        for (const append of group) append.reject(error)
      }
    if (written.length > 0) written.push(...(await this.#writeCheckpoint()))
    return written
  }

  /** Tells what of the own log is still alive, when that is due: others need not replay the rest. */
  async #writeCheckpoint(): Promise<Written[]> {
    const log = this.#ledger.log(this.ids[this.#epoch()] as LogId)
    const { limits } = this.#ledger.genesis
    if (log === undefined || !isDue(log, log.length, log.trunk.nextOpAt(log.length - 1), limits)) return []
    const op = writeRecordOp(checkpointOp(log), limits)
    return [await this.#writeEntry([{ ops: [op], resolve() {}, reject() {} }])]
  }

  async #writeEntry(appends: readonly Append[]): Promise<Written> {
    const epoch = this.#epoch()
    const draft = this.#ledger.prepare(
      epoch,
      appends.flatMap(append => append.ops),
    )
    const segment = draft.finish(await this.#identity.sign(draft.hash))
    const { outcome } = this.#ledger.ingest(segment)
    if (outcome !== 'added') throw new AmpError('internal', `own entry was not taken: ${outcome}`)
    const log = this.ids[epoch] as LogId
    this.#own.set(log, this.#held(log))
    // every op was read before it was encoded, so each became a record
    const said = appends.reduce((sum, { ops }) => sum + ops.length, 0)
    const records =
      this.#ledger
        .log(log)
        ?.records.slice(-said)
        .filter(record => record.op !== undefined) ?? []
    return { log, segment, appends: appends.map(append => ({ append, records: records.splice(0, append.ops.length) })) }
  }

  /**
   * The latest epoch in which every entry is ours, written here or found on our disk. What else others hold under our
   * key may go on elsewhere (a copied folder, words that our disk lost): to write there could be a fork.
   */
  #epoch(): number {
    const isOurs = (id: LogId, epoch: number) =>
      epoch >= this.#firstEpoch &&
      this.#held(id) > 0 &&
      this.#held(id) === this.#own.get(id) &&
      this.#ledger.log(id)?.fork === undefined
    const ours = this.ids.findLastIndex(isOurs)
    const unused = this.ids.findLastIndex(id => this.#ledger.log(id) !== undefined) + 1
    const epoch = ours >= 0 ? ours : Math.max(unused, this.#firstEpoch)
    if (!this.#ledger.takes(this.by, epoch))
      throw new AmpError('frozen', 'this key forked its logs in this space too often; use another identity')
    return epoch
  }

  #held(id: LogId): number {
    return (this.#ledger.log(id)?.trunk.end ?? -1) + 1
  }
}

/** Appends in order, as many together as one entry may hold. */
function packed(appends: readonly Append[], limits: SpaceLimits): Append[][] {
  const groups: Append[][] = []
  for (const append of appends) {
    const group = groups.at(-1)
    if (
      group !== undefined &&
      fits(
        [...group, append].flatMap(each => each.ops),
        limits,
      )
    )
      group.push(append)
    else groups.push([append])
  }
  return groups
}

const fits = (ops: readonly Uint8Array[], limits: SpaceLimits): boolean =>
  ops.length <= limits.opsPerEntry && opsLength({ time: 0, ops }) <= limits.entry
