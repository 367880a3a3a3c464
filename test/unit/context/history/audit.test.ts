/** What a peer stored of a space, checked again: sound as it was written, and every change of it found. */
import type { HeadMarker } from '@amp-mesh/context'
import { auditStored, type SpaceBytes } from '@amp-mesh/context/history'
import { beforeAll, describe, expect, it } from 'vitest'
import { identity, SeededRandom, verifyWithOpenSsl } from '../../../simulation/space.ts'
import { type Chapter, toldChapter } from './chapter.ts'

describe('the audit of a stored space', () => {
  let chapter: Chapter
  let stored: SpaceBytes
  beforeAll(() => {
    chapter = toldChapter().chapter
    stored = chapter.bytes
  })
  const audit = (bytes: SpaceBytes, markers: HeadMarker[] = [], damaged: string[] = []) =>
    auditStored(chapter.held.id, { ...bytes, markers, damaged }, { self: identity(1), verify: verifyWithOpenSsl })
  const ownEnd = () => {
    const own = [...chapter.held.logs()].find(log => log.by === identity(1).publicKey)
    const seq = (own?.length ?? 0) - 1
    return { pub: identity(1).publicKey, epoch: 0, seq, hash: own?.hashAt(seq) ?? new Uint8Array(), life: 0 }
  }

  it('finds nothing where nothing is wrong', () => {
    const { findings, segments, ledger } = audit(stored, [ownEnd()])
    expect(findings).toEqual([])
    expect(segments).toBe(stored.segments.length)
    expect([...(ledger?.records() ?? [])]).toHaveLength(stored.segments.length)
  })

  it('finds any changed byte of any segment, and says whose it is', () => {
    const random = new SeededRandom(5)
    for (const [i, segment] of stored.segments.entries()) {
      const changed = Uint8Array.from(segment)
      const at = random.below(changed.length)
      changed[at] = (changed[at] as number) ^ (1 << random.below(8))
      const { findings } = audit({ ...stored, segments: stored.segments.with(i, changed) })
      expect(findings[0]?.where).toMatch(
        new RegExp(`^segment ${i + 1}(, of 12D3KooW\\w+, log \\d+, from entry \\d+)?$`),
      )
    }
  })

  it('finds a lost segment by the gap behind it, and a lost end by its marker', () => {
    const last = stored.segments.findLastIndex(segment => Buffer.from(segment).includes('"o":15'))
    const first = stored.segments.findIndex(segment => Buffer.from(segment).includes('I am history'))
    expect(audit({ ...stored, segments: stored.segments.toSpliced(first, 1) }).findings[0]?.code).toBe('gap')
    expect(audit({ ...stored, segments: stored.segments.toSpliced(last, 1) }, [ownEnd()]).findings).toMatchObject([
      { where: `log 0 of ${identity(1).peerId}`, code: 'lost-end' },
    ])
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
