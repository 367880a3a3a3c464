/** A space in which people speak one after the other, for tests of views; four verifiers unless told otherwise. */
import { type Ledger, Records, status, voteCheck } from '@amp-mesh/context'
import {
  type Genesis,
  type Identity,
  type Op,
  type PublicKey,
  type Rec,
  spaceIdOf,
  toBase64url,
  type Vote,
  voteHash,
} from '@amp-mesh/protocol'
import {
  type GenesisInit,
  genesis,
  genesisBytes,
  identity,
  ledger,
  verifyOnce,
  write,
} from '../../../simulation/space.ts'

export class ViewStory {
  readonly genesis: Genesis
  readonly held: Ledger
  /** Grown change by change, as a running replica does. */
  readonly records: Records
  readonly #own = new Map<Identity, Ledger>()
  readonly #bytes: Uint8Array
  #time = 1_600_000_000_000

  constructor(init: GenesisInit = {}) {
    this.genesis = genesis(init)
    this.#bytes = genesisBytes(init)
    this.held = ledger(this.#bytes)
    this.records = new Records(voteCheck(spaceIdOf(this.#bytes), verifyOnce))
  }

  /** The time of the next record. */
  get now(): number {
    return this.#time
  }

  wait(ms: number): void {
    this.#time += ms
  }

  say<K extends Op['k']>(n: number, op: Op<K>): Rec<K> {
    const who = identity(n)
    const own = this.#own.get(who) ?? ledger(this.#bytes, who, () => this.#time++)
    this.#own.set(who, own)
    this.held.ingest(write(own, who, [op as Op]))
    const changes = this.held.takeChanges()
    if (changes.reset) this.records.reset(this.held.records())
    else this.records.add(changes.records)
    this.records.noteForks(this.held.forkedAuthors())
    const last = [...own.records()].at(-1)
    if (last?.op === undefined) throw new Error('a record')
    return last as Rec as Rec<K>
  }

  verify(n: number, of: Rec, v: 1 | -1 | 0): Rec<'verify'> {
    return this.say(n, { k: 'verify', of: of.id, v })
  }

  sign(n: number, vote: Vote): string {
    return toBase64url(identity(n).sign(voteHash(this.held.id, vote)) as Uint8Array)
  }

  vote(n: number, of: Rec, slot = of.id, ver = 0): Rec<'verify'> {
    const vs = this.sign(n, { slot, ver, of: of.id })
    return this.say(n, { k: 'verify', of: of.id, v: 1, slot, ver, e: 0, vs })
  }

  /** `by` publishes the certificate of these voters. */
  certify(by: number, voters: readonly number[], of: Rec, slot = of.id, ver = 0): Rec<'cert'> {
    const sigs = voters.map((n): [PublicKey, string] => [identity(n).publicKey, this.sign(n, { slot, ver, of: of.id })])
    return this.say(by, { k: 'cert', of: of.id, slot, ver, e: 0, sigs })
  }

  status(record: Rec) {
    return status(this.records, this.genesis, record.id)
  }
}

export const fact = (o: number | string, more: Partial<Op<'fact'>> = {}): Op<'fact'> => ({
  k: 'fact',
  s: 's',
  p: 'p',
  o,
  ...more,
})
