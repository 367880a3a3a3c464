/** What a peer stored of a space, checked again: sound as it was written, and every change of it found. */
import type { HeadMarker } from '@amp-mesh/context'
import { auditStored, begunLate, type Part, type SpaceBytes } from '@amp-mesh/context/history'
import { beforeAll, describe, expect, it } from 'vitest'
import { identity, SeededRandom, verifyOnce } from '../../../simulation/space.ts'
import { type Chapter, toldChapter } from './chapter.ts'
import { prunedChapter } from './pruned.ts'

const holds = (bytes: Uint8Array, text: string) => Buffer.from(bytes).includes(text)

describe('the audit of a stored space', () => {
  let chapter: Chapter
  let stored: SpaceBytes
  let signed: readonly Uint8Array[]
  beforeAll(() => {
    chapter = toldChapter().chapter
    stored = chapter.bytes
    signed = chapter.segments
  })
  const audit = (bytes: SpaceBytes, markers: HeadMarker[] = [], damaged: string[] = []) =>
    auditStored(chapter.held.id, { ...bytes, markers, damaged }, { self: identity(1), verify: verifyOnce })
  const ownEnd = () => {
    const own = [...chapter.held.logs()].find(log => log.by === identity(1).publicKey)
    const seq = (own?.length ?? 0) - 1
    return { pub: identity(1).publicKey, epoch: 0, seq, hash: own?.hashAt(seq) ?? new Uint8Array(), life: 0 }
  }

  it('finds nothing where nothing is wrong', () => {
    const { findings, segments, ledger } = audit(stored, [ownEnd()])
    expect(findings).toEqual([])
    expect(segments).toBe(signed.length)
    expect([...(ledger?.records() ?? [])]).toHaveLength(signed.length)
  })

  it('finds any changed byte of any segment, and says whose it is', () => {
    const random = new SeededRandom(5)
    for (const [i, segment] of signed.entries()) {
      const changed = Uint8Array.from(segment)
      const at = random.below(changed.length)
      changed[at] = (changed[at] as number) ^ (1 << random.below(8))
      const { findings } = audit({ ...stored, parts: signed.with(i, changed) })
      expect(findings[0]?.where).toMatch(
        new RegExp(`^segment ${i + 1}(, of 12D3KooW\\w+, log \\d+, from entry \\d+)?$`),
      )
    }
  })

  it('finds a lost segment by the gap behind it, and a lost end by its marker', () => {
    const last = signed.findLastIndex(segment => Buffer.from(segment).includes('"o":15'))
    const first = signed.findIndex(segment => Buffer.from(segment).includes('I am history'))
    expect(audit({ ...stored, parts: signed.toSpliced(first, 1) }).findings[0]?.code).toBe('gap')
    expect(audit({ ...stored, parts: signed.toSpliced(last, 1) }, [ownEnd()]).findings).toMatchObject([
      { where: `log 0 of ${identity(1).peerId}`, code: 'lost-end' },
    ])
  })

  it('takes up a log at its checkpoint; finds a changed live record, and acknowledgements that are not there', () => {
    const { chapter: told } = toldChapter({ limits: { quota: 20_000 } })
    told.say(0, { k: 'admit', pub: identity(8).publicKey })
    const pruned = prunedChapter(told, 8)
    const look = (bytes: SpaceBytes) =>
      auditStored(told.held.id, { ...bytes, markers: [], damaged: [] }, { self: identity(1), verify: verifyOnce })
    const { findings, ledger } = look(pruned)
    expect(findings).toEqual([])
    expect(ledger && begunLate(ledger).map(({ by }) => by)).toEqual([identity(8).publicKey])
    const at = pruned.parts.findIndex(part => !(part instanceof Uint8Array))
    const { segment, live } = pruned.parts[at] as Exclude<Part, Uint8Array>
    const changed = live.map(bytes => Uint8Array.from(bytes, (byte, i) => (i === 30 ? byte ^ 1 : byte)))
    expect(look({ ...pruned, parts: pruned.parts.with(at, { segment, live: changed }) }).findings[0]).toMatchObject({
      where: expect.stringMatching(`^segment ${at + 1}, of `),
      code: 'bad-segment',
    })
    const unheard = pruned.parts.filter(part => !(part instanceof Uint8Array && holds(part, '"k":"ack"')))
    expect(look({ ...pruned, parts: unheard }).findings[0]?.code).toBe('unvouched')
  })

  it('tells what the store itself found damaged', () => {
    expect(audit(stored, [], ['log/x/000000000']).findings).toMatchObject([
      { where: 'log/x/000000000', code: 'damaged' },
    ])
  })

  it('refuses the genesis of another space', () => {
    const { chapter: other } = toldChapter({ open: false })
    expect(audit({ ...stored, genesis: other.genesisBytes }).findings).toMatchObject([{ code: 'bad-genesis' }])
  })
})
