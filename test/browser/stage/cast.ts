/** A mesh in memory: real peers on a switchboard, in one tab, that say what a script tells them to. */
import { MemoryStorage } from '@amp-mesh/context'
import { type CardDraft, composePeer, MemorySwitchboard, type Peer, type Space } from '@amp-mesh/peer'
import { systemClock, systemRandom } from '@amp-mesh/peer/browser'
import {
  encodeMeshFile,
  identityFromSeed,
  type Logger,
  type MeshFile,
  meshIdOf,
  type Op,
  type RecordId,
  type SpaceId,
  verifyPortable,
} from '@amp-mesh/protocol'
import { IndexHolding } from '../../../packages/peer/src/index-holding.ts'

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

export class Cast {
  readonly #board = new MemorySwitchboard()
  readonly #peers = new Map<string, Peer>()
  readonly #spaces = new Map<string, Promise<Space>>()
  readonly #mesh: { id: string; file: MeshFile; bytes: Uint8Array }

  constructor(name: string) {
    const { publicKey } = identityOf('founder')
    const file: MeshFile = { v: 1, name, key: publicKey, verifiers: [publicKey], limits: {} }
    const bytes = encodeMeshFile(file)
    this.#mesh = { id: meshIdOf(bytes), file, bytes }
  }

  /** A peer with one agent, which joins whatever it is asked. Its key follows from its name. */
  async enter(name: string, card?: Omit<CardDraft, 'name' | 'state'>): Promise<Peer> {
    const identity = identityOf(name)
    const network = this.#board.network(identity.peerId)
    const peer = await composePeer({
      mesh: this.#mesh,
      network,
      storage: new MemoryStorage(),
      identity,
      verify: verifyPortable,
      clock: systemClock,
      random: systemRandom,
      logger: silent,
      newHolding: init => new IndexHolding(init),
      keep: other => void network.connect(`/memory/${other}`).catch(() => {}),
      started: () => {},
      close: async () => {},
    })
    for (const other of this.#peers.values()) await network.connect(`/memory/${other.identity.peerId}`)
    this.#peers.set(name, peer)
    if (card !== undefined) {
      await peer.announce([{ name, ...card, state: 'ready' }])
      peer.onInvitation(invitation => this.#spaces.set(`${name} ${invitation.space}`, invitation.join()))
    }
    return peer
  }

  /** Resolves with the record's id once it is stored. */
  async say(name: string, space: SpaceId, op: Op): Promise<RecordId> {
    const found = await this.#spaces.get(`${name} ${space}`)
    const [record] = (await found?.replica.append([op])) ?? []
    if (record === undefined) throw new Error(`${name} is not in ${space}`)
    return record.id
  }

  /** Cuts one peer off from all others. */
  cut(name: string): void {
    const alone = this.#peers.get(name)?.identity.peerId ?? ''
    const others = [...this.#peers.values()].map(peer => peer.identity.peerId).filter(id => id !== alone)
    this.#board.cut([alone], others)
  }
}

function identityOf(name: string) {
  const seed = new Uint8Array(32)
  new TextEncoder().encodeInto(name, seed)
  return identityFromSeed(seed)
}
