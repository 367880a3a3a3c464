/** Members of one space that share artifacts, wired to each other in memory. Their records are told, not signed. */
import { type ArtifactMessage, Artifacts, MemoryStorage, Records } from '@amp-mesh/context'
import { type Op, type PeerId, portableHash, type Rec } from '@amp-mesh/protocol'
import { EPOCH_MS, identity, SimulatedClock, silent } from '../../../simulation/space.ts'

export const SPACE = `${'S'.repeat(42)}A`

export class Space {
  readonly clock = new SimulatedClock()
  readonly members: Member[] = []
  #said = 0

  async member(n: number, storage = new MemoryStorage()): Promise<Member> {
    const known = this.members.find(each => each.n === n)
    const member = new Member(this, n, storage, known?.records ?? new Records())
    if (known === undefined) for (const other of this.members.slice(0, 1)) member.records.add(other.records.all())
    this.members.push(member)
    await member.open()
    return member
  }

  leave(member: Member): void {
    this.members.splice(this.members.indexOf(member), 1)
    void member.artifacts.close()
    for (const other of this.members) other.artifacts.leave(member.peer)
  }

  /** Everybody who is there hears it. */
  async say(n: number, op: Op): Promise<Rec> {
    const at = this.#said++
    const id = String(at).padStart(32, 'r')
    const record: Rec = { id, by: identity(n).publicKey, log: 'l'.repeat(22), seq: at, n: at, time: EPOCH_MS + at, op }
    for (const { records } of this.members) if (!records.has(id)) records.add([record])
    for (const { artifacts } of this.members) await artifacts.note([record])
    return record
  }

  async pass(ms = 0): Promise<void> {
    for (let i = 0; i < 40; i++) await this.clock.advance(ms / 40)
  }
}

export class Member {
  readonly n: number
  readonly peer: PeerId
  readonly storage: MemoryStorage
  readonly records: Records
  readonly liars: PeerId[] = []
  /** Messages it sent, by type. */
  readonly sent: [to: PeerId, message: ArtifactMessage][] = []
  /** What leaves it in place of what it would send; undefined: nothing does. */
  distort: (message: ArtifactMessage) => ArtifactMessage | undefined = message => message
  artifacts!: Artifacts
  readonly #space: Space

  constructor(space: Space, n: number, storage: MemoryStorage, records: Records) {
    this.#space = space
    this.n = n
    this.peer = identity(n).peerId
    this.storage = storage
    this.records = records
  }

  async open(): Promise<void> {
    const { clock, members } = this.#space
    this.artifacts = await Artifacts.open({
      space: SPACE,
      self: identity(this.n).publicKey,
      records: this.records,
      storage: this.storage,
      hash: portableHash,
      clock,
      logger: silent,
      append: async ([op]) => [await this.#space.say(this.n, op as Op)],
      neighbours: () => members.filter(each => each !== this).map(({ peer }) => peer),
      send: (to, message) => this.#send(to, message),
      onLie: peer => this.liars.push(peer),
    })
  }

  /** Keys of all that is stored. */
  async keys(): Promise<string[]> {
    return (await Array.fromAsync(this.storage.range('', '\uffff'))).map(([key]) => key)
  }

  wants(to: Member): number {
    return this.sent
      .filter(([peer]) => peer === to.peer)
      .reduce((sum, [, message]) => sum + (message.type === 'chunk_want' ? message.last - message.first + 1 : 0), 0)
  }

  #send(to: PeerId, message: ArtifactMessage): boolean {
    const sent = this.distort(message)
    this.sent.push([to, message])
    const receiver = this.#space.members.find(({ peer }) => peer === to)
    if (sent !== undefined && receiver !== undefined)
      setImmediate(() => void receiver.artifacts.receive(this.peer, sent))
    return true
  }
}
