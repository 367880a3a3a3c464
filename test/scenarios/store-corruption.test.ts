/**
 * Bytes of a closed store are flipped, zeroed, cut off or deleted: the peer notices, shows nothing that is changed or
 * was never said, and another member gives back what is missing.
 */
import { cp, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryStorage, type Replica, type ReplicaInit } from '@amp-mesh/context'
import { type DataFolder, identityOf } from '@amp-mesh/peer/node'
import { type Identity, identityFromSeed, type Logger, type Rec } from '@amp-mesh/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'
import { genesisOf, openMember, storyFolder } from './stored-space.ts'
import { seed, seeded } from './village.ts'

/** Corruptions in one run, each of a fresh copy of the same store. */
const CORRUPTIONS = process.env.AMP_REPEAT === undefined ? 3 : 20
/** Written and closed so often: Level makes tables of what it finds in its log at each start. */
const SESSIONS = 3

it(`[G3.damage] a damaged store is noticed, and repaired from another member (seed ${seed})`, async () => {
  const random = seeded(seed)
  const root = await mkdtemp(join(tmpdir(), 'amp-corruption-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const story = await Story.write(join(root, 'whole'), random)
  const outcomes = { harmless: 0, reported: 0, repaired: 0 }
  for (let n = 0; n < CORRUPTIONS; n++) {
    const copy = join(root, `copy-${n}`)
    await cp(join(root, 'whole'), copy, { recursive: true })
    const what = await corrupt(join(copy, 'story', 'writer', 'store'), random)
    const { reported, missing } = await story.reopen(copy)
    // silence is right only where nothing is missing
    if (missing > 0) expect(reported, what).not.toEqual([])
    outcomes[reported.length === 0 ? 'harmless' : missing === 0 ? 'reported' : 'repaired']++
    await rm(copy, { recursive: true })
  }
  process.stdout.write(`corruptions: ${JSON.stringify(outcomes)} (reported: noticed, but nothing was missing)\n`)
})

/**
 * Two members hold the same space: one on the disk that will be damaged, one that stays whole. Each damage is one of
 * its own: the other member too begins where it stood before, else a key that starts a new epoch each time would be
 * turned away in the end.
 */
class Story {
  readonly #genesis: Uint8Array
  readonly #bob: Identity
  /** What bob's replica had written when both had said everything. */
  readonly #kept: MemoryStorage
  readonly #said: ReadonlyMap<string, string>

  static async write(root: string, random: () => number): Promise<Story> {
    let folder = await storyFolder(root)
    const ann = identityOf(folder.seed)
    const bob = identityFromSeed(Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256)))
    const genesis = genesisOf([ann.publicKey, bob.publicKey])
    const kept = new MemoryStorage()
    const whole = await Member.open(bob, genesis, kept)
    for (let session = 0; session < SESSIONS; session++) {
      if (session > 0) folder = await storyFolder(root)
      const damaged = await Member.open(ann, genesis, folder.storage)
      Member.link(damaged, whole)
      for (let batch = 0; batch < 8; batch++)
        for (const { replica } of [damaged, whole]) {
          const size = 1 + Math.floor(random() * 20)
          await replica.append(
            Array.from({ length: size }, (_, o) => ({ k: 'fact', s: `${session}/${batch}`, p: 'reads', o }) as const),
          )
        }
      await until('both hold the same', () => damaged.holdings() === whole.holdings())
      await damaged.leave(whole)
      await folder.close()
    }
    await whole.replica.close()
    return new Story(genesis, bob, kept, whole.records())
  }

  private constructor(genesis: Uint8Array, bob: Identity, kept: MemoryStorage, said: readonly Rec[]) {
    this.#genesis = genesis
    this.#bob = bob
    this.#kept = kept
    this.#said = new Map(said.map(record => [record.id, JSON.stringify(record)]))
  }

  /** Opens a damaged copy, repairing where it must, and has the other member give back what is missing. */
  async reopen(root: string): Promise<{ reported: string[]; missing: number }> {
    const reported: string[] = []
    const { folder, member } = await this.#open(root, reported)
    for (const record of member.records()) expect(this.#said.get(record.id)).toBe(JSON.stringify(record))
    const missing = this.#said.size - member.replica.records.size
    const whole = await Member.open(this.#bob, this.#genesis, await copyOf(this.#kept))
    Member.link(member, whole)
    await until('all of it is back', () => [...this.#said.keys()].every(id => member.replica.records.has(id)))
    const [word] = await member.replica.append([{ k: 'fact', s: root, p: 'is', o: 'whole again' }])
    await until('the other hears it', () => whole.replica.records.has(word?.id ?? ''))
    const kept = [...this.#said.keys()].every(id => whole.replica.records.has(id))
    expect(kept, 'a second history would have cut the first').toBe(true)
    await member.leave(whole)
    await whole.replica.close()
    await folder.close()
    return { reported, missing }
  }

  async #open(root: string, reported: string[], repair = false): Promise<{ folder: DataFolder; member: Member }> {
    let folder: DataFolder | undefined
    try {
      folder = await storyFolder(root, repair)
      const member = await Member.open(identityOf(folder.seed), this.#genesis, folder.storage, reported)
      return { folder, member }
    } catch (error) {
      await folder?.close()
      expect(error).toMatchObject({ code: 'damaged-store' })
      expect(repair, 'repair opens anything').toBe(false)
      reported.push('damaged-store')
      return this.#open(root, reported, true)
    }
  }
}

/** A replica that hands its messages to the one it is linked to. */
class Member {
  readonly identity: Identity
  readonly replica: Replica
  readonly #send: { to?: ReplicaInit['send'] }

  static async open(identity: Identity, genesis: Uint8Array, storage: ReplicaInit['storage'], reported: string[] = []) {
    const link: { to?: ReplicaInit['send'] } = {}
    const send: ReplicaInit['send'] = (peer, message) => link.to?.(peer, message) ?? false
    const replica = await openMember(identity, genesis, { storage, send, logger: noting(reported) })
    return new Member(identity, replica, link)
  }

  private constructor(identity: Identity, replica: Replica, send: { to?: ReplicaInit['send'] }) {
    this.identity = identity
    this.replica = replica
    this.#send = send
  }

  static link(a: Member, b: Member): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      from.#send.to = (_peer, message) => {
        void to.replica.receive(from.identity.peerId, message)
        return true
      }
      from.replica.neighbour(to.identity.peerId, true)
    }
  }

  async leave(other: Member): Promise<void> {
    await this.replica.close()
    other.replica.neighbour(this.identity.peerId, false)
  }

  records(): Rec[] {
    return [...this.replica.records.all()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  holdings(): string {
    return this.records()
      .map(({ id }) => id)
      .join()
  }
}

async function copyOf(storage: MemoryStorage): Promise<MemoryStorage> {
  const copy = new MemoryStorage()
  for await (const [put, value] of storage.range('', '\uffff')) await copy.write([{ put, value }])
  return copy
}

/** What would be told to people. */
function noting(reported: string[]): Logger {
  const note = (message: string) => void reported.push(message)
  return { debug: () => {}, info: () => {}, warn: note, error: note }
}

/** Damages one file of a store; says how. */
async function corrupt(store: string, random: () => number): Promise<string> {
  const below = (n: number) => Math.floor(random() * n)
  const names = (await readdir(store)).filter(name => name !== 'LOCK' && !name.startsWith('LOG')).sort()
  const name = names[below(names.length)] as string
  const path = join(store, name)
  const { size } = await stat(path)
  const at = below(size)
  const kind = ['flip', 'flip', 'zero', 'cut', 'delete'][below(5)]
  if (kind === 'delete') await rm(path)
  else {
    const file = await open(path, 'r+')
    if (kind === 'cut') await file.truncate(at)
    else if (kind === 'zero') await file.write(new Uint8Array(Math.min(1 + below(512), size - at)), 0, undefined, at)
    else {
      const byte = new Uint8Array(1)
      await file.read(byte, 0, 1, at)
      await file.write(Uint8Array.of((byte[0] as number) ^ (1 << below(8))), 0, 1, at)
    }
    await file.close()
  }
  return `${kind} at ${at} of ${size} in ${name}`
}
