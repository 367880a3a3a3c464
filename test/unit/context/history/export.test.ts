/** The export of a space: another tool can read it, this one can check it, and no change of it goes unseen. */
import type { Ledger } from '@amp-mesh/context'
import {
  auditExport,
  auditLedger,
  begunLate,
  exportLines,
  recordsOf,
  type SpaceBytes,
  take,
} from '@amp-mesh/context/history'
import { concat, fromUtf8, type Identity, sha256, toBase64url, u48, utf8 } from '@amp-mesh/protocol'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { identity, ledger, verifyOnce, write } from '../../../simulation/space.ts'
import { Chapter, START, toldChapter } from './chapter.ts'
import { prunedChapter } from './pruned.ts'

const NEWLINE = utf8('\n')

async function exported(
  { bytes }: { bytes: SpaceBytes },
  by: Identity = identity(9),
  time = START,
): Promise<Uint8Array[]> {
  const lines: Uint8Array[] = []
  for await (const line of exportLines(bytes, { identity: by, verify: verifyOnce, time })) lines.push(line)
  return lines
}

const audit = (lines: readonly Uint8Array[]) => auditExport(lines, verifyOnce)
const parsed = (line: Uint8Array | undefined) => JSON.parse(fromUtf8(line ?? utf8('null')))
const typeOf = (line: Uint8Array): string => parsed(line).type ?? parsed(line)['@type']

/** A space with all there can be in an export: admissions, a fork, a checkpoint, a record nobody here can read. */
function fullSpace(): SpaceBytes {
  const { chapter } = toldChapter({ limits: { quota: 20_000 } })
  const [stranger, pruned] = [identity(7), identity(8)]
  chapter.say(0, { k: 'admit', pub: pruned.publicKey })
  chapter.say(0, { k: 'admit', pub: stranger.publicKey })
  chapter.write(3, utf8('{"k":"novelty","x":1}'))
  const forked = ['one', 'other'].map(text => {
    const own = ledger(chapter.genesisBytes, stranger, () => chapter.now)
    const before = write(own, stranger, [{ k: 'hyp', text: 'before' }])
    return [before, write(own, stranger, [{ k: 'hyp', text }])]
  }) as [[Uint8Array, Uint8Array], [Uint8Array, Uint8Array]]
  for (const segment of forked[0]) chapter.take(segment)
  chapter.proofs.push(forked[0][1], forked[1][1])
  return prunedChapter(chapter, 8)
}

describe('an export', () => {
  let space: SpaceBytes
  let held: Ledger
  let lines: Uint8Array[]
  beforeAll(async () => {
    space = fullSpace()
    held = auditLedger(space.genesis, verifyOnce)
    for (const part of [...space.parts, ...space.proofs]) take(held, part)
    lines = await exported({ bytes: space })
  })

  it('is one line a thing: head, segments, checkpoints, agents, entries, records, and the digest at the end', () => {
    const types = lines.map(typeOf)
    expect(types[0]).toBe('amp-export')
    expect(types.at(-1)).toBe('digest')
    expect(new Set(types)).toEqual(
      new Set([
        'amp-export',
        'segment',
        'live',
        'checkpoint',
        'prov:Agent',
        'prov:SoftwareAgent',
        'prov:Activity',
        'prov:Entity',
        'digest',
      ]),
    )
    expect(types.filter(type => type === 'prov:Entity').length).toBe([...held.records()].length)
  })

  it('says in the terms of PROV-O who said what, when, from what, and what was taken back', async () => {
    const { chapter: told, wrong, hot, better, untested, retraction } = toldChapter()
    const nodes = (await exported(told)).map(parsed)
    const entity = (id: string) => nodes.find(node => node['@id'] === `urn:amp:record:${id}`)
    expect(entity(untested.id)).toMatchObject({
      '@type': 'prov:Entity',
      'amp:kind': 'build_on',
      'amp:says': { content: 'and no test imports it' },
      'prov:generatedAtTime': new Date(untested.time).toISOString(),
      'prov:wasAttributedTo': { '@id': `amp://${identity(2).peerId}/tests` },
      'prov:wasDerivedFrom': [{ '@id': `urn:amp:record:${hot.id}` }],
    })
    expect(entity(wrong.id)['prov:invalidatedAtTime']).toBe(new Date(retraction.time).toISOString())
    expect(entity(better.id)['prov:wasRevisionOf']).toEqual({ '@id': `urn:amp:record:${hot.id}` })
  })

  it('passes its audit in pieces of any size, and gives the same records', async () => {
    const whole = concat(...lines)
    for (const size of [1, 7, 4096, whole.length]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
        whole.subarray(i * size, (i + 1) * size),
      )
      const { findings, signed, space: id, ledger } = await auditExport(pieces, verifyOnce)
      expect(findings).toEqual([])
      expect(id).toBe(held.id)
      expect(signed).toEqual({ by: identity(9).peerId, time: START })
      expect(ledger && [...recordsOf(ledger, verifyOnce).all()].map(({ id }) => id).sort()).toEqual(
        [...recordsOf(held, verifyOnce).all()].map(({ id }) => id).sort(),
      )
    }
  })

  it('leaves out what the space never admitted', async () => {
    const other = new Chapter()
    other.say(0, { k: 'broadcast', query: 'who?' })
    const outsider = identity(8)
    other.take(write(ledger(other.genesisBytes, outsider), outsider, [{ k: 'hyp', text: 'me' }]))
    expect((await exported(other)).map(typeOf).filter(type => type === 'segment')).toHaveLength(1)
  })

  it('begins a log at a checkpoint with what its author signed as alive', async () => {
    const { ledger } = await audit(lines)
    const [log, ...others] = ledger === undefined ? [] : begunLate(ledger)
    expect(others).toEqual([])
    expect(log?.trunk.start).toBeGreaterThan(10)
    const kinds = log?.records.map(({ op }) => op?.k)
    expect(kinds).toEqual(['hyp', 'reg', 'reg', 'ckpt', 'hyp'])
  })

  it('leaves out a log that begins with a checkpoint no quorum of verifiers acknowledged', async () => {
    const { chapter } = toldChapter({ limits: { quota: 20_000 } })
    chapter.say(0, { k: 'admit', pub: identity(8).publicKey })
    const weak = await exported({ bytes: prunedChapter(chapter, 8, [0, 1]) })
    expect(new Set(weak.map(typeOf))).not.toContain('checkpoint')
    expect((await audit(weak)).findings).toEqual([])
  })

  it('[G1.export] fails its audit where live records are lost, their checkpoint, or its acks', async () => {
    const at = lines.findIndex(line => typeOf(line) === 'checkpoint')
    const codes = async (changed: readonly Uint8Array[]) => {
      const { findings } = await audit(await signedAnew(changed, identity(6)))
      return findings.map(({ code }) => code)
    }
    expect(typeOf(lines[at - 1] as Uint8Array)).toBe('live')
    expect((await codes(lines.toSpliced(at - 1, 1)))[0]).toBe('bad-segment')
    expect((await codes(lines.toSpliced(at, 1)))[0]).toBe('bad-line')
    const acks = lines.findIndex(line => typeOf(line) === 'segment' && says(line, '"k":"ack"'))
    expect(await codes(lines.toSpliced(acks, 1))).toContain('unvouched')
  })

  it('[G1.export] fails its audit after any flip of any bit, in every kind of line', async () => {
    const kinds = [...new Set(lines.map(typeOf))]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...kinds), fc.nat(), fc.nat(), fc.nat(7), async (kind, which, at, bit) => {
        const candidates = lines.flatMap((line, i) => (typeOf(line) === kind ? [i] : []))
        const i = candidates[which % candidates.length] as number
        const line = Uint8Array.from(lines[i] as Uint8Array)
        line[at % line.length] = (line[at % line.length] as number) ^ (1 << bit)
        const { findings } = await audit(lines.with(i, line))
        expect(findings.length).toBeGreaterThan(0)
      }),
      { numRuns: 150 },
    )
  })

  it('[G1.export] fails its audit when it is cut anywhere, or lines are lost, doubled, moved or added', async () => {
    const whole = concat(...lines)
    const broken = async (changed: readonly Uint8Array[]) => (await audit(changed)).findings.length > 0
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async end => await broken([whole.subarray(0, end)])),
      { numRuns: 60 },
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(lines.length - 1), fc.nat(lines.length - 1), async (i, j) => {
        const line = lines[i] as Uint8Array
        expect(await broken(lines.toSpliced(i, 1)), 'lost').toBe(true)
        expect(await broken(lines.toSpliced(j, 0, line)), 'doubled').toBe(true)
        if (i !== j) expect(await broken(lines.toSpliced(i, 1).toSpliced(j, 0, line)), 'moved').toBe(true)
      }),
      { numRuns: 30 },
    )
    expect(await broken([...lines, utf8('{}\n')]), 'added').toBe(true)
    expect(await broken([])).toBe(true)
  })

  it('tells whose record was changed, even where the digest was made anew', async () => {
    const forger = identity(6)
    const text = lines.map(fromUtf8)
    const i = text.findIndex(line => line.includes('I am history'))
    const forged = text.with(i, (text[i] as string).replace('I am history', 'I am mystery')).map(utf8)
    const { findings } = await audit(await signedAnew(forged, forger))
    expect(findings).toEqual([expect.objectContaining({ where: `line ${i + 1}`, code: 'bad-line' })])
  })

  it('finds a changed segment by its signature, and says in which line', async () => {
    const i = lines.findIndex(line => typeOf(line) === 'segment')
    const bytes = Buffer.from(parsed(lines[i]).bytes, 'base64url')
    bytes[bytes.indexOf('Is it ready?')] = 0x49 ^ 0x01
    const forged = lines.with(i, utf8(`{"bytes":"${toBase64url(bytes)}","type":"segment"}\n`))
    const { findings } = await audit(await signedAnew(forged, identity(6)))
    expect(findings).toContainEqual(expect.objectContaining({ where: `line ${i + 1}`, code: 'bad-signature' }))
  })
})

const says = (line: Uint8Array, text: string) => Buffer.from(parsed(line).bytes, 'base64url').includes(text)

/** What a forger can do: change lines, write its own name at the top, and sign a digest of it all. */
async function signedAnew(lines: readonly Uint8Array[], forger: Identity): Promise<Uint8Array[]> {
  const head = fromUtf8(lines[0] as Uint8Array).replace(/"by":"[^"]+"/, `"by":"${forger.peerId}"`)
  const body = [utf8(head), ...lines.slice(1, -1)]
  const hash = sha256(concat(...body))
  const signature = await forger.sign(sha256(utf8('amp-export'), u48(body.length), hash))
  const [hashText, signatureText] = [toBase64url(hash), toBase64url(signature)]
  const digest = `{"lines":${body.length},"sha256":"${hashText}","signature":"${signatureText}","type":"digest"}`
  return [...body, concat(utf8(digest), NEWLINE)]
}
