/** Material for tests: keys, checks of signatures, a genesis, a seeded random, a simulated clock, a sink for logs. */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'
import { decodeSegment, Ledger } from '@amp-mesh/context'
import {
  type Cancel,
  type Clock,
  canonicalBytes,
  encodeGenesis,
  type Genesis,
  type Hash,
  type Identity,
  identityFromSeed,
  isSoundKey,
  type Logger,
  type Op,
  type Random,
  SPACE_LIMITS,
  type SpaceLimits,
  toBase64url,
  type Verify,
} from '@amp-mesh/protocol'
import type { Log } from '../../packages/context/src/ledger/log.ts'
import { Merger, type StoredSegment } from '../../packages/context/src/ledger/merge.ts'

/** A virtual time in which the tests' entries lie. */
export const EPOCH_MS = 1_700_000_000_000

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const identities = new Map<number, Identity>()

/** Of the n-th key of the tests. */
export function seedOf(n: number): Uint8Array {
  const seed = new Uint8Array(32).fill(1)
  new DataView(seed.buffer).setUint32(0, n)
  return seed
}

/** The n-th key of the tests; signs with OpenSSL, which is faster than the portable code. */
export function identity(n: number): Identity {
  const known = identities.get(n)
  if (known !== undefined) return known
  const seed = seedOf(n)
  const { publicKey, peerId } = identityFromSeed(seed)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  const made: Identity = { publicKey, peerId, sign: bytes => new Uint8Array(sign(null, bytes, key)) }
  identities.set(n, made)
  return made
}

const verdicts = new Map<string, boolean>()
/** Verdicts remembered; hardly a test checks more. */
const VERDICTS = 50_000

/** OpenSSL's check, made once for each signature: the members of a test all check the same. */
export const verifyOnce: Verify = (signature, bytes, publicKey) => {
  if (signature.length !== 64 || publicKey.length !== 32) return false
  const name = hash('sha256', Buffer.concat([signature, publicKey, bytes]), 'binary')
  const known = verdicts.get(name)
  if (known !== undefined) return known
  if (verdicts.size >= VERDICTS) verdicts.clear()
  // OpenSSL itself takes keys of small order, which "sign" everything
  const verdict = isSoundKey(publicKey) && verify(null, bytes, openSslKey(publicKey), signature)
  verdicts.set(name, verdict)
  return verdict
}

/** SHA-256 of OpenSSL, which is faster than the portable code; by way of text, which is faster than a Buffer. */
export const hashWithOpenSsl: Hash = (bytes, into, at) => {
  const digest = hash('sha256', bytes, 'binary')
  for (let i = 0; i < digest.length; i++) into[at + i] = digest.charCodeAt(i)
}

const openSslKeys = new Map<string, KeyObject>()
function openSslKey(publicKey: Uint8Array): KeyObject {
  const name = toBase64url(publicKey)
  const key =
    openSslKeys.get(name) ?? createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' })
  openSslKeys.set(name, key)
  return key
}

export interface GenesisInit {
  verifiers?: Identity[]
  writers?: Identity[]
  founder?: Identity
  open?: boolean
  domains?: number
  /** Operator of the n-th verifier; default: each its own. */
  operator?: (n: number) => string
  budgetMs?: number
  limits?: Partial<SpaceLimits>
}

export function genesis(init: GenesisInit = {}): Genesis {
  const verifiers = init.verifiers ?? [0, 1, 2, 3].map(identity)
  const founder = init.founder ?? (verifiers[0] as Identity)
  return {
    v: 1,
    mesh: `${'M'.repeat(42)}A`,
    name: 'test',
    founder: founder.publicKey,
    verifiers: verifiers.map(({ publicKey }, n) => ({
      pub: publicKey,
      operator: init.operator?.(n) ?? `operator-${n}`,
      model: 'none',
    })),
    open: init.open ?? true,
    ...(init.writers && { writers: init.writers.map(({ publicKey }) => publicKey) }),
    policy: { domains: init.domains ?? 1 },
    budget: { ms: init.budgetMs ?? 30_000 },
    offerWindowMs: 1_000,
    limits: { ...SPACE_LIMITS, ...init.limits },
    salt: 'A'.repeat(22),
  }
}

export const genesisBytes = (init?: GenesisInit): Uint8Array => encodeGenesis(genesis(init))

/** A ledger that stands at `now`. */
export function ledger(bytes: Uint8Array, self?: Identity, now: () => number = () => EPOCH_MS + 1_000_000): Ledger {
  return new Ledger({ genesis: bytes, verify: verifyOnce, now, ...(self && { self: self.publicKey }) })
}

/** Signs one entry onto the writer's own log in `held`, takes it in there, and hands its segment back. */
export function write(held: Ledger, writer: Identity, ops: readonly (Op | Uint8Array)[], epoch = 0): Uint8Array {
  const draft = held.prepare(
    epoch,
    ops.map(op => (op instanceof Uint8Array ? op : canonicalBytes(op))),
  )
  const segment = draft.finish(writer.sign(draft.hash) as Uint8Array)
  const { outcome } = held.ingest(segment)
  if (outcome !== 'added') throw new Error(`own entry: ${outcome}`)
  written.set(held, [...(written.get(held) ?? []), segment])
  return segment
}

const written = new WeakMap<Ledger, Uint8Array[]>()

/** What was written into `held` of one log, merged as a store serves it: from entry `from` to entry `to`. */
export function segmentsOf(held: Ledger, log: Log | undefined, from: number, to: number): StoredSegment[] {
  const merger = new Merger()
  const own = (written.get(held) ?? []).filter(bytes => {
    const { pub, epoch, ...segment } = decodeSegment(bytes)
    const last = segment.from + segment.entries.length - 1
    return toBase64url(pub) === log?.by && epoch === log.epoch && last >= from && segment.from <= to
  })
  return [...own.map(bytes => merger.add(bytes)), merger.end()].filter(segment => segment !== undefined)
}

/** Mulberry32: the same sequence for the same seed everywhere. */
export class SeededRandom implements Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  float(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.float() * end)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items]
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[out[i], out[j]] = [out[j] as T, out[i] as T]
    }
    return out
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }
}

/** Time that passes only in `advance`: timers run in order, and what they start settles in between. */
export class SimulatedClock implements Clock {
  #now = EPOCH_MS
  #timers: { due: number; action: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, action: () => void): Cancel {
    const timer = { due: this.#now + ms, action }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(each => each !== timer)
    }
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (;;) {
      const [next] = this.#timers.filter(each => each.due <= end).sort((a, b) => a.due - b.due)
      if (next === undefined) break
      this.#timers = this.#timers.filter(each => each !== next)
      this.#now = Math.max(this.#now, next.due)
      next.action()
      await settled()
    }
    this.#now = end
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length
  }
}

/** Lets everything that is ready to run, run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise(resolve => setImmediate(resolve))
}

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
