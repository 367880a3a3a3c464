/** Mesh file, genesis, cards and ids against their golden vectors: canonical JSON in, one value and one id out. */
import {
  type AgentCard,
  AmpError,
  agentIdOf,
  canonicalBytes,
  DecodeError,
  decodeGenesis,
  decodeMeshFile,
  encodeGenesis,
  encodeMeshFile,
  fromBase64url,
  type Genesis,
  identityFromSeed,
  logIdOf,
  type MeshFile,
  meshIdOf,
  meshLabel,
  openCard,
  PATTERNS,
  parseAgentId,
  parseCanonical,
  peerIdOf,
  publicKeyOf,
  recordIdOf,
  type SignedCard,
  signCard,
  spaceIdOf,
  toBase64url,
  u48,
  utf8,
  verifyPortable,
} from '@amp-mesh/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, codeOf, fromHex, type Input, readVectors, toHex } from './vectors.ts'

type Refused = Input & { code: string }
interface MeshVectors {
  accept: (Input & { meshId: string; value: MeshFile })[]
  reject: Refused[]
}
interface GenesisVectors {
  accept: (Input & { spaceId: string; value: Genesis })[]
  reject: Refused[]
}
type CardText = { description: string; body: string; signature: string }
interface CardVectors {
  mesh: string
  accept: (CardText & { value: AgentCard })[]
  reject: (CardText & { code: string })[]
}
interface IdVectors {
  keys: { description: string; seed: string; publicKey: string; peerId: string }[]
  logs: { description: string; space: string; publicKey: string; epoch: number; logId: string }[]
  records: { logId: string; n: number; leaf: string; recordId: string }[]
  agents: { agentId: string; peer: string; name: string }[]
  rejectAgents: { description: string; agentId: string }[]
}
const meshes = readVectors<MeshVectors>('mesh-file.json')
const geneses = readVectors<GenesisVectors>('genesis.json')
const cards = readVectors<CardVectors>('cards.json')
const ids = readVectors<IdVectors>('ids.json')

describe('mesh file', () => {
  it.each(meshes.accept)('reads: $description', vector => {
    const bytes = bytesOf(vector)
    expect(decodeMeshFile(bytes)).toEqual(vector.value)
    expect(meshIdOf(bytes)).toBe(vector.meshId)
    expect(meshLabel(vector.meshId)).toBe(vector.meshId.slice(0, 12))
    expect(decodeMeshFile(encodeMeshFile(vector.value))).toEqual(vector.value)
  })
  it.each(meshes.reject)('[G4.codec] refuses: $description', vector => {
    expect(codeOf(() => decodeMeshFile(bytesOf(vector)), DecodeError)).toBe(vector.code)
  })
})

describe('genesis', () => {
  it.each(geneses.accept)('reads: $description', vector => {
    const bytes = bytesOf(vector)
    expect(decodeGenesis(bytes)).toEqual(vector.value)
    expect(spaceIdOf(bytes)).toBe(vector.spaceId)
    expect(toHex(encodeGenesis(vector.value))).toBe(toHex(bytes))
  })
  it.each(geneses.reject)('[G4.codec] refuses: $description', vector => {
    expect(codeOf(() => decodeGenesis(bytesOf(vector)), DecodeError)).toBe(vector.code)
  })
})

describe('agent cards', () => {
  const open = (card: CardText) => openCard(signedOf(card), cards.mesh, verifyPortable)
  const signedOf = ({ body, signature }: CardText): SignedCard => ({
    body: fromBase64url(body),
    signature: fromBase64url(signature),
  })

  it.each(cards.accept)('opens: $description', vector => expect(open(vector)).toEqual(vector.value))

  it.each(cards.reject)('[G1.cards] refuses: $description', vector => {
    expect(codeOf(() => open(vector), DecodeError)).toBe(vector.code)
  })

  it('signs what it opens, and gives the bytes of the vector', async () => {
    const [first] = cards.accept
    if (first === undefined) throw new Error('no card')
    const identity = identityFromSeed(fromHex(ids.keys[0]?.seed ?? ''))
    const signed = await signCard(first.value, identity)
    expect(signed).toEqual(signedOf(first))
  })
})

describe('ids', () => {
  it.each(ids.keys)('$description', ({ seed, publicKey, peerId }) => {
    const identity = identityFromSeed(fromHex(seed))
    expect(identity).toMatchObject({ publicKey, peerId })
    expect(peerIdOf(publicKey)).toBe(peerId)
    expect(publicKeyOf(peerId)).toBe(publicKey)
  })
  it.each(ids.logs)('$description', ({ space, publicKey, epoch, logId }) => {
    expect(logIdOf(space, fromBase64url(publicKey), epoch)).toBe(logId)
  })
  it.each(ids.records)('op $n of a log', ({ logId, n, leaf, recordId }) => {
    expect(recordIdOf(logId, n, fromHex(leaf))).toBe(recordId)
  })
  it.each(ids.agents)('$agentId', ({ agentId, peer, name }) => {
    expect(agentIdOf(peer, name)).toBe(agentId)
    expect(parseAgentId(agentId)).toEqual({ peer, name })
  })
  it.each(ids.rejectAgents)('refuses an agent id: $description', ({ agentId }) => {
    expect(codeOf(() => parseAgentId(agentId), AmpError)).toBe('bad-input')
  })
  it('refuses keys and PeerIds that are none', () => {
    expect(codeOf(() => peerIdOf(new Uint8Array(31)), AmpError)).toBe('bad-input')
    expect(codeOf(() => publicKeyOf('12D3KooW'), AmpError)).toBe('bad-input')
    expect(codeOf(() => publicKeyOf(`12D3KooW${'z'.repeat(44)}`), AmpError)).toBe('bad-input')
  })
  it('writes 48 bits big-endian', () => {
    expect(toHex(u48(2 ** 48 - 1))).toBe('ffffffffffff')
    expect(toHex(u48(2 ** 32 + 1))).toBe('000100000001')
  })
})

describe('base64url', () => {
  it.each(['AA==', 'A', 'AB', 'A+', 'A A', 'AA\n'])('refuses %j: one value has one text', text => {
    expect(() => fromBase64url(text)).toThrow()
  })
  it('has one text of 16 and 32 bytes, and the patterns know it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), bytes => {
        expect(PATTERNS.hash.test(toBase64url(bytes))).toBe(true)
        expect(PATTERNS.logId.test(toBase64url(bytes.subarray(0, 16)))).toBe(true)
        expect(PATTERNS.recordId.test(toBase64url(bytes.subarray(0, 24)))).toBe(true)
      }),
    )
    expect(PATTERNS.hash.test('B'.repeat(43))).toBe(false)
    expect(PATTERNS.logId.test('B'.repeat(22))).toBe(false)
  })
})

describe('canonical JSON', () => {
  it('has one form for every value, and reads only that form', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), value => {
        const bytes = canonicalBytes(value)
        expect(canonicalBytes(parseCanonical(bytes))).toEqual(bytes)
        const other = utf8(JSON.stringify(value, null, 1))
        if (toHex(other) !== toHex(bytes)) expect(codeOf(() => parseCanonical(other), DecodeError)).toBe('bad-message')
      }),
      { numRuns: 500 },
    )
  })
  it('is sorted by UTF-16 code units (RFC 8785 §3.2.3)', () => {
    const text = '{"\\r":1,"1":2,"\u00f6":3,"\u20ac":4,"\u{1f600}":5,"\ufb33":6}'
    expect(new TextDecoder().decode(canonicalBytes(JSON.parse(text)))).toBe(text)
  })
  it.each([undefined, () => 1, Number.NaN, Infinity, '\ud800', { a: '\udc00' }])(
    'refuses what JSON has not: %s',
    value => {
      expect(codeOf(() => canonicalBytes(value), DecodeError)).toBe('bad-message')
    },
  )
})
