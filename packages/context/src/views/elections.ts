/** Who voted for what, and what a quorum of the verifiers decided for good: CONTEXT.md §12. */
import { type Genesis, type Op, type PublicKey, type Rec, type RecordId, VOTE_EPOCH } from '@amp-mesh/protocol'
import { verifiersOf } from '../ledger/authors.ts'
import { type Quorum, quorumOf } from '../quorum.ts'
import type { Records } from '../records.ts'
import { domainsOf } from './domains.ts'

/** What one version of a slot was decided to be. */
export interface Decision {
  readonly slot: string
  readonly ver: number
  readonly of: RecordId
}

/** Votes of one version of a slot. */
interface Ballots {
  /** By candidate and voter: the vote's signature. */
  readonly votes: Map<RecordId, Map<PublicKey, string>>
  /** By candidate: verifiers whose own logs hold its certificate. */
  readonly certifiers: Map<RecordId, Set<PublicKey>>
}

const none: Ballots = { votes: new Map(), certifiers: new Map() }

/**
 * All elections of a space. Read it and let it go: it grows with the records. A vote is for ever, whatever its author
 * says later; it counts with its record or inside a certificate, whoever published that.
 */
export class Elections {
  readonly #genesis: Genesis
  readonly #quorum: Quorum
  readonly #verifiers: ReadonlySet<PublicKey>
  /** Verifiers proven to be liars. */
  readonly #liars: ReadonlySet<PublicKey>
  readonly #slots = new Map<string, Map<number, Ballots>>()
  readonly #certified = new Map<string, Decision>()

  constructor(genesis: Genesis, forked: ReadonlySet<PublicKey>) {
    this.#genesis = genesis
    this.#quorum = quorumOf(genesis)
    this.#verifiers = verifiersOf(genesis)
    this.#liars = new Set([...this.#verifiers].filter(pub => forked.has(pub)))
  }

  /** Candidates of versions in which more than one got votes. */
  *contested(): Iterable<RecordId> {
    for (const versions of this.#slots.values())
      for (const { votes } of versions.values()) if (votes.size > 1) yield* votes.keys()
  }

  /** By candidate: who voted for it. */
  votes(slot: string, ver: number): ReadonlyMap<RecordId, ReadonlyMap<PublicKey, string>> {
    return this.#ballots(slot, ver).votes
  }

  /** False while nothing is certified anywhere. */
  get hasDecided(): boolean {
    return this.#certified.size > 0
  }

  /** Everything that Q verifiers, from `policy.domains` operator/model pairs, voted for. */
  certified(): Iterable<Decision> {
    return this.#certified.values()
  }

  /** What Q voted for in this version. With at most f faulty verifiers there never is a second. */
  certifiedIn(slot: string, ver: number): RecordId | undefined {
    return [...this.votes(slot, ver).keys()].filter(of => this.#hasQuorum(slot, ver, of)).sort()[0]
  }

  /**
   * Certified, and nobody can take the certificate away again: of f+1 verifiers each holds it in a log of its own, or
   * forked, which only a liar does. One of so many is honest, and what it wrote stays.
   */
  isFinal(decision: Decision): boolean {
    const certifiers = this.certifiers(decision)
    return certifiers.size > 0 && new Set([...certifiers, ...this.#liars]).size >= this.#quorum.some
  }

  /** Verifiers whose logs hold the certificate. */
  certifiers({ slot, ver, of }: Decision): ReadonlySet<PublicKey> {
    return this.#ballots(slot, ver).certifiers.get(of) ?? new Set()
  }

  /** The final decision of the slot's highest version. */
  winner(slot: string): Decision | undefined {
    const decisions = [...(this.#slots.get(slot) ?? [])].flatMap(([ver, { certifiers }]) =>
      [...certifiers.keys()].map(of => ({ slot, ver, of })),
    )
    return decisions
      .filter(decision => this.isFinal(decision))
      .sort((a, b) => b.ver - a.ver || (a.of < b.of ? -1 : 1))[0]
  }

  /**
   * No candidate can get Q votes in this version any more. Of those who voted for others up to f may be liars who
   * voted twice, so they count as votes a candidate may still have.
   */
  isStuck(slot: string, ver: number): boolean {
    const votes = this.votes(slot, ver)
    const voters = new Set([...votes.values()].flatMap(each => [...each.keys()]))
    const { n, faulty, most } = this.#quorum
    const possible = (own: number) => own + (n - voters.size) + Math.min(faulty, voters.size - own)
    return [0, ...[...votes.values()].map(each => each.size)].every(own => possible(own) < most)
  }

  /** Whether this version may be voted on: what came before it is decided, or never will be. */
  isOpen(slot: string, ver: number): boolean {
    return ver === 0 || this.certifiedIn(slot, ver - 1) !== undefined || this.isStuck(slot, ver - 1)
  }

  /** The certificate of a decision, ready to be published. */
  certificate({ slot, ver, of }: Decision): Op<'cert'> {
    const sigs = [...(this.votes(slot, ver).get(of) ?? [])].map(([pub, vs]): [PublicKey, string] => [pub, vs])
    const few = sigs.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, this.#quorum.most)
    const isEnough = this.#isQuorum(few.map(([pub]) => pub))
    return { k: 'cert', of, slot, ver, e: VOTE_EPOCH, sigs: isEnough ? few : sigs }
  }

  takeVote({ by, op }: Rec<'verify'>, records: Records): void {
    const { of, slot = of, ver = 0, e = VOTE_EPOCH, vs } = op
    if (op.v !== 1 || vs === undefined || e !== VOTE_EPOCH) return
    this.#count({ slot, ver, of }, by, vs, records)
  }

  takeCertificate({ by, op }: Rec<'cert'>, records: Records): void {
    const { slot, ver, of, e, sigs } = op
    if (e !== VOTE_EPOCH) return
    const signers = new Map(sigs.filter(([pub]) => this.#verifiers.has(pub)))
    const genuine = [...signers].filter(([pub, vs]) => this.#count({ slot, ver, of }, pub, vs, records))
    if (!this.#isQuorum(genuine.map(([pub]) => pub)) || !this.#verifiers.has(by)) return
    const { certifiers } = this.#ballots(slot, ver)
    certifiers.set(of, (certifiers.get(of) ?? new Set()).add(by))
  }

  /** Counts a vote; false if it is none. */
  #count(vote: Decision, by: PublicKey, vs: string, records: Records): boolean {
    if (!this.#verifiers.has(by)) return false
    if (!records.checkVote(by, vote, vs)) return false
    const { slot, ver, of } = vote
    const versions = this.#slots.get(slot) ?? new Map<number, Ballots>()
    const ballots = versions.get(ver) ?? { votes: new Map(), certifiers: new Map() }
    const voters = ballots.votes.get(of) ?? new Map<PublicKey, string>()
    this.#slots.set(slot, versions.set(ver, ballots))
    ballots.votes.set(of, voters.set(by, vs))
    if (this.#isQuorum([...voters.keys()])) this.#certified.set(JSON.stringify([slot, ver, of]), vote)
    return true
  }

  #hasQuorum(slot: string, ver: number, of: RecordId): boolean {
    return this.#isQuorum([...(this.votes(slot, ver).get(of)?.keys() ?? [])])
  }

  #isQuorum(voters: readonly PublicKey[]): boolean {
    return voters.length >= this.#quorum.most && domainsOf(this.#genesis, voters) >= this.#genesis.policy.domains
  }

  #ballots(slot: string, ver: number): Ballots {
    return this.#slots.get(slot)?.get(ver) ?? none
  }
}

interface Count {
  readonly genesis: Genesis
  readonly resets: number
  readonly forked: ReadonlySet<PublicKey>
  readonly elections: Elections
  votes: number
  certificates: number
}

const counts = new WeakMap<Records, Count>()

/** The elections of a space as its records tell them; what came since the last call is counted on. */
export function elections(records: Records, genesis: Genesis): Elections {
  let count = counts.get(records)
  const { resets, forked } = records
  if (count?.resets !== resets || count.forked !== forked || count.genesis !== genesis) {
    count = { genesis, resets, forked, elections: new Elections(genesis, forked), votes: 0, certificates: 0 }
    counts.set(records, count)
  }
  const votes = records.arrived('verify', count.votes)
  const certificates = records.arrived('cert', count.certificates)
  for (const record of votes) count.elections.takeVote(record, records)
  for (const record of certificates) count.elections.takeCertificate(record, records)
  count.votes += votes.length
  count.certificates += certificates.length
  return count.elections
}
