/**
 * Forks over real streams, in memory and over libp2p: members that were told different histories step back to where
 * they part, show each other both, and keep what a quorum acknowledged.
 */
import { MemoryStorage, Replica, type SyncMessage } from '@amp-mesh/context'
import { nodeNetwork, systemClock, systemRandom } from '@amp-mesh/peer/node'
import {
  type Identity,
  type Message,
  meshLabel,
  type Network,
  type Op,
  type PeerId,
  toBase64url,
} from '@amp-mesh/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { Links } from '../../../../packages/peer/src/links.ts'
import { MemorySwitchboard } from '../../../../packages/peer/src/memory-network.ts'
import { wireNames } from '../../../../packages/peer/src/protocols.ts'
import { genesisBytes, identity, ledger, seedOf, verifyOnce, write } from '../../../simulation/space.ts'
import { eventually } from '../../../until.ts'
import { silent } from './test-network.ts'

const MESH = `${'m'.repeat(42)}A`
const [EVIL, ...VERIFIERS] = [9, 5, 6, 7].map(identity) as [Identity, ...Identity[]]
const READERS = [10, 11, 12]
const GENESIS = genesisBytes({ verifiers: [EVIL, ...VERIFIERS], open: false, writers: READERS.map(identity) })
const SHARED = 40
const fact = (o: string): Op => ({ k: 'fact', s: 's', p: 'p', o })

class Reader {
  readonly identity: Identity
  readonly network: Network
  readonly links: Links
  readonly strikes: string[] = []
  readonly received = new Map<string, number>()
  replica!: Replica

  constructor(own: Identity, network: Network) {
    this.identity = own
    this.network = network
    this.links = new Links({
      network,
      names: wireNames(MESH),
      mesh: MESH,
      clock: systemClock,
      onMessage: (from, message) => this.#hear(from, message),
      onSent: () => {},
      onUp: peer => this.replica.neighbour(peer, true),
      onDown: peer => this.replica.neighbour(peer, false),
      onReachability: () => {},
      onRefused: (_, code) => this.strikes.push(code),
    })
  }

  async start(): Promise<void> {
    this.replica = await Replica.open({
      genesis: GENESIS,
      storage: new MemoryStorage(),
      identity: this.identity,
      verify: verifyOnce,
      clock: systemClock,
      random: systemRandom,
      logger: silent,
      send: (peer, message) => this.links.post(peer, message),
      onStrike: (_, code) => this.strikes.push(code),
    })
    await this.network.start()
  }

  async stop(): Promise<void> {
    await this.replica.close()
    await this.links.stop()
    await this.network.stop()
  }

  get picture(): string {
    const facts = this.replica.records.of('fact').map(({ op }) => op.o)
    const forks = this.replica.logs().flatMap(({ fork }) => fork ?? [])
    return JSON.stringify([facts, forks])
  }

  #hear(from: PeerId, message: Message): Promise<void> | void {
    this.received.set(message.type, (this.received.get(message.type) ?? 0) + 1)
    if ('space' in message) return this.replica.receive(from, message as SyncMessage)
  }
}

/** Two histories of the liar's log with a common past, as the segments it signed. */
function histories() {
  const [a, b] = [ledger(GENESIS, EVIL), ledger(GENESIS, EVIL)]
  const shared = Array.from({ length: SHARED }, (_, n) => write(a, EVIL, [fact(`shared ${n}`)]))
  for (const segment of shared) b.ingest(segment)
  const own = (held: typeof a, name: string, length: number) =>
    Array.from({ length }, (_, n) => write(held, EVIL, [fact(`${name} ${n}`)]))
  const [only, other] = [own(a, 'a', 60), own(b, 'b', 25)]
  const [log] = [...a.logs()]
  const seq = SHARED + 9
  const heads: Op<'ack'>['heads'] = [
    [log?.id as string, seq, toBase64url(log?.hashAt(seq)?.subarray(0, 16) as Uint8Array)],
  ]
  const acks = VERIFIERS.map(verifier => write(ledger(GENESIS, verifier), verifier, [{ k: 'ack', heads }]))
  return { a: [...shared, ...only], b: [...shared, ...other], acks }
}

const board = new MemorySwitchboard()
const networks: Record<string, (n: number) => Promise<Network>> = {
  'in memory': async n => board.network(identity(n).peerId),
  'over libp2p': n => nodeNetwork({ mesh: meshLabel(MESH), topics: [], seed: seedOf(n), logger: silent }),
}

describe('[G1.fork] a fork', () => {
  const readers: Reader[] = []
  afterEach(async () => {
    for (const reader of readers.splice(0)) await reader.stop()
  })

  it.each(Object.keys(networks))('is found and decided alike over real streams %s', async how => {
    for (const n of READERS)
      readers.push(new Reader(identity(n), await (networks[how] as (n: number) => Promise<Network>)(n)))
    for (const reader of readers) await reader.start()
    const [one, two, three] = readers as [Reader, Reader, Reader]
    const { a, b, acks } = histories()
    for (const segment of a) await one.replica.importSegment(segment)
    for (const reader of [two, three]) for (const segment of b) await reader.replica.importSegment(segment)
    await two.network.connect(one.network.addresses()[0] as string)
    await three.network.connect(two.network.addresses()[0] as string)
    const cut = JSON.stringify([Array.from({ length: SHARED }, (_, n) => `shared ${n}`), [SHARED]])
    await eventually(() => readers.every(({ picture }) => picture === cut))
    for (const segment of acks) await three.replica.importSegment(segment)
    await eventually(() => readers.every(({ replica }) => replica.records.of('fact').length === SHARED + 10))
    expect(new Set(readers.map(({ picture }) => picture)).size).toBe(1)
    expect(readers.flatMap(({ strikes }) => strikes)).toEqual([])
    // steps back double: six of them reach 40 entries
    for (const { received } of readers) expect(received.get('want') ?? 0).toBeLessThan(40)
  })
})
