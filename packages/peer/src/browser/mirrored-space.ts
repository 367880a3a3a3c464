/** A space as a further tab has it: the records of the tab that is the peer, and what is said goes through that one. */
import { LedgerGraph, Records, voteCheck } from '@amp-mesh/context'
import {
  type Cancel,
  type Clock,
  type Embedder,
  type Genesis,
  type Op,
  type PeerId,
  type PublicKey,
  type Rec,
  type SpaceId,
  verifyPortable,
} from '@amp-mesh/protocol'
import type { Space } from '../contract.ts'
import type { SpaceChange, SpacePicture } from './peer-picture.ts'

export interface MirroredSpaceInit {
  clock: Clock
  embedder: Embedder
  /** Of the peer. */
  self: PublicKey
  /** Says something through the peer; resolves when it is durable there. */
  append(ops: readonly Op[]): Promise<Rec[]>
  putArtifact: Space['putArtifact']
  artifact: Space['artifact']
}

export class MirroredSpace implements Space {
  readonly id: SpaceId
  readonly genesis: Genesis
  readonly replica: Space['replica']
  readonly graph: LedgerGraph
  readonly putArtifact: Space['putArtifact']
  readonly artifact: Space['artifact']
  readonly #records: Records
  readonly #clock: Clock
  readonly #firstSeen: number
  readonly #listeners = new Set<(news: readonly Rec[]) => void>()
  readonly #suspicions = new Set<() => void>()
  #members: readonly PeerId[] = []
  #suspected: ReadonlySet<PeerId> = new Set()

  constructor(picture: SpacePicture, init: MirroredSpaceInit) {
    const { clock, append, putArtifact, artifact, ...peer } = init
    this.id = picture.id
    this.genesis = picture.genesis
    this.#records = new Records(voteCheck(picture.id, verifyPortable))
    this.#clock = clock
    this.#firstSeen = clock.now() - picture.age
    this.replica = { records: this.#records, append, subscribe: listener => this.#subscribe(listener) }
    this.putArtifact = putArtifact
    this.artifact = artifact
    this.graph = new LedgerGraph({ ...peer, genesis: this.genesis, replica: this.replica, append, clock })
    this.replace(picture)
  }

  members(): PeerId[] {
    return [...this.#members]
  }

  suspected(): ReadonlySet<PeerId> {
    return this.#suspected
  }

  onSuspicion(listener: () => void): Cancel {
    this.#suspicions.add(listener)
    return () => this.#suspicions.delete(listener)
  }

  age(): number {
    return this.#clock.now() - this.#firstSeen
  }

  /** Takes the whole picture in place of what was here. */
  replace({ records, members, suspected }: SpacePicture): void {
    const news = records.filter(({ id }) => !this.#records.has(id))
    this.#records.reset(records)
    this.#see(members, suspected)
    this.#tell(news)
  }

  /** False when something is missing, or too much, afterwards. */
  change({ records, size, members, suspected }: SpaceChange): boolean {
    const news = records.filter(({ id }) => !this.#records.has(id))
    this.#records.add(news)
    this.#see(members, suspected)
    this.#tell(news)
    return this.#records.size === size
  }

  #subscribe(listener: (news: readonly Rec[]) => void): Cancel {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #see(members: readonly PeerId[], suspected: readonly PeerId[]): void {
    this.#members = members
    const before = this.#suspected
    this.#suspected = new Set(suspected)
    if (before.size !== suspected.length || suspected.some(peer => !before.has(peer)))
      for (const listener of this.#suspicions) listener()
  }

  #tell(news: readonly Rec[]): void {
    if (news.length > 0) for (const listener of this.#listeners) listener(news)
  }
}
