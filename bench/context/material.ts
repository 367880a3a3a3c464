/** What the context bench works on: keys, a space, records of about 95 bytes, the signed segments that hold them. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { Ledger, MemoryStorage } from '@amp-mesh/context'
import { opensslHash, opensslVerify } from '@amp-mesh/peer/node'
import {
  canonicalBytes,
  encodeGenesis,
  type Identity,
  type Op,
  peerIdOf,
  SPACE_LIMITS,
  toBase64url,
} from '@amp-mesh/protocol'
import { checkpointOp } from '../../packages/context/src/ledger/checkpoint.ts'
import { Keeper } from '../../packages/context/src/store/keeper.ts'

export interface Writer extends Identity {
  readonly key: KeyObject
}

function writer(): Writer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const pub = toBase64url(publicKey.export({ format: 'der', type: 'spki' }).subarray(12))
  return { key, publicKey: pub, peerId: peerIdOf(pub), sign: bytes => new Uint8Array(sign(null, bytes, key)) }
}

export const silent = { debug() {}, info() {}, warn() {}, error() {} }

const AUTHORS = 20
export const authors = Array.from({ length: AUTHORS }, writer)
/** The only verifier, who writes nothing but acks; and two who only hold and read. */
export const verifier = writer()
export const holder = writer()
export const reader = writer()

export const genesis = encodeGenesis({
  v: 1,
  mesh: `${'M'.repeat(42)}A`,
  name: 'bench',
  founder: verifier.publicKey,
  verifiers: [{ pub: verifier.publicKey, operator: 'bench', model: 'none' }],
  open: false,
  writers: authors.map(({ publicKey }) => publicKey),
  policy: { domains: 1 },
  budget: { ms: 30_000 },
  offerWindowMs: 1_000,
  limits: { ...SPACE_LIMITS, quota: 64 * 1024 * 1024 },
  salt: 'A'.repeat(22),
})

export const ledgerOf = (self?: Identity): Ledger =>
  new Ledger({
    genesis,
    verify: opensslVerify(),
    hash: opensslHash,
    now: () => Date.now(),
    ...(self && { self: self.publicKey }),
  })

/** 95 bytes of JSON, all different. */
export const fact = (i: number): Op => ({
  k: 'fact',
  s: `service/${i % 977}`,
  p: 'latency_ms',
  o: (i * 7) % 1_000,
  conf: 0.9,
  text: `observed in run ${i}`,
})

/** Four of five records are replaced by later ones of their author: counters of seven names. */
export const mostlyReplaced = (i: number): Op =>
  i % 5 === 0 ? fact(i) : { k: 'count', name: `presence${i % 7}`, p: i, n: 0 }

/** Signs one entry of the author's log in `held`; the segment. */
export function say(held: Ledger, author: Writer, ops: readonly Op[]): Uint8Array {
  const draft = held.prepare(0, ops.map(canonicalBytes))
  const segment = draft.finish(author.sign(draft.hash) as Uint8Array)
  const { outcome } = held.ingest(segment)
  if (outcome !== 'added') throw new Error(`own entry: ${outcome}`)
  held.takeChanges()
  return segment
}

export interface Material {
  readonly segments: Uint8Array[]
  /** With what the verifier says of the checkpoints, if there are any. */
  readonly acks: Uint8Array[]
}

/** `records` by several authors, `perEntry` in an entry; then a checkpoint of each log that a quorum acknowledged. */
export function material(
  records: number,
  perEntry: number,
  { op = fact, checkpoints = false }: { op?: (i: number) => Op; checkpoints?: boolean } = {},
): Material {
  // few enough authors that a checkpoint is due
  const some = authors.slice(0, Math.max(1, Math.min(AUTHORS, Math.floor(records / 5_000))))
  const segments: Uint8Array[] = []
  const heads: Extract<Op, { k: 'ack' }>['heads'] = []
  for (const [a, author] of some.entries()) {
    const held = ledgerOf(author)
    for (let i = a * perEntry; i < records; i += some.length * perEntry)
      segments.push(
        say(
          held,
          author,
          Array.from({ length: Math.min(perEntry, records - i) }, (_, k) => op(i + k)),
        ),
      )
    const [log] = [...held.logs()]
    if (log === undefined || !checkpoints) continue
    segments.push(say(held, author, [checkpointOp(log)]))
    const last = log.length - 1
    heads.push([log.id, last, toBase64url((log.hashAt(last) as Uint8Array).subarray(0, 16))])
  }
  const acks = checkpoints ? [say(ledgerOf(verifier), verifier, [{ k: 'ack', heads }])] : []
  return { segments, acks }
}

/** A storage as a peer that took in the material has it: pruned, where a quorum acknowledged a checkpoint. */
export async function stored({ segments, acks }: Material): Promise<MemoryStorage> {
  const storage = new MemoryStorage()
  const ledger = ledgerOf()
  const keeper = new Keeper({ ledger, storage, logger: silent, hash: opensslHash })
  await keeper.load(genesis)
  for (const bytes of [...segments, ...acks]) {
    ledger.ingest(bytes)
    await keeper.keep(ledger.takeChanges())
  }
  return storage
}
