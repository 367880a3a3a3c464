/** A draft at work: desks of ordinary Yjs programs, edits between peers, forks of editors, large pastes. */
import { DraftEngine, type Edit, parseUpdate } from '@amp-mesh/context/drafts'
import { fromBase64url, SPACE_LIMITS, sha256, toBase64url, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { SeededRandom } from '../../../simulation/space.ts'

const DRAFT = 'd'.repeat(32)
const [ANN = '', BEN = '', CARL = ''] = ['ann', 'ben', 'carl'].map(name => toBase64url(sha256(utf8(name))))

/** Peers whose edits become records of everybody at once, unless held back. */
class Mesh {
  readonly edits: Edit[] = []
  readonly engines = new Map<string, DraftEngine>()
  time = 0

  join(self: string): DraftEngine {
    const engine = new DraftEngine({ draft: DRAFT, editors: [ANN, BEN], self, seed: this.edits.length })
    engine.reset(this.edits)
    this.engines.set(self, engine)
    return engine
  }

  /** Everybody's edits go to everybody. */
  exchange(to: Iterable<DraftEngine> = this.engines.values()): void {
    const fresh = [...this.engines].flatMap(([by, engine]) => engine.flush().map(update => this.record(by, update)))
    for (const engine of to) engine.take(fresh)
  }

  record(by: string, update: string): Edit {
    const n = this.edits.filter(edit => edit.by === by).length
    const id = toBase64url(sha256(utf8(by), utf8(String(n)))).slice(0, 32)
    const edit = { id, by, log: `log of ${by}`, n, time: ++this.time, update }
    this.edits.push(edit)
    return edit
  }
}

/** What a desk shows, formats included, whatever way its characters are grouped. */
function shown(doc: Y.Doc): string {
  const runs: [unknown, string][] = []
  for (const { insert, attributes = {} } of doc.getText('content').toDelta()) {
    const format = JSON.stringify(Object.entries(attributes).sort())
    const last = runs.at(-1)
    if (last?.[1] === format && typeof last[0] === 'string' && typeof insert === 'string') last[0] += insert
    else runs.push([insert, format])
  }
  return JSON.stringify([runs, sorted(doc.getArray('list').toJSON()), sorted(doc.getMap('map').toJSON())])
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, item]) => [key, sorted(item)]),
  )
}

/** Something a person could do to a text, a list and maps in it. */
function scribble(random: SeededRandom, doc: Y.Doc): void {
  const text = doc.getText('content')
  const list = doc.getArray<unknown>('list')
  switch (random.below(6)) {
    case 0:
    case 1:
      return text.insert(random.below(text.length + 1), `w${random.below(100)} `)
    case 2:
      return text.length > 3 ? text.delete(random.below(text.length - 2), 2) : undefined
    case 3:
      return text.length > 4
        ? text.format(random.below(text.length - 3), 3, { bold: random.pick([true, null]) })
        : undefined
    case 4:
      doc.getMap('map').set(random.pick(['a', 'b']), random.below(9))
      return
    default: {
      const at = random.below(list.length + 1)
      const found = list.get(at)
      if (found instanceof Y.Map) found.set(random.pick(['x', 'y']), random.below(9))
      else if (at < list.length && random.below(3) === 0) list.delete(at, 1)
      else list.insert(at, [random.below(2) === 0 ? random.below(9) : new Y.Map([['x', 1]])])
    }
  }
}

describe('a draft', () => {
  it('shows the same on all desks of all peers, with no client id of a desk in the mesh', () => {
    const random = new SeededRandom(3)
    const mesh = new Mesh()
    const [ann, ben] = [mesh.join(ANN), mesh.join(BEN)]
    const desks = [ann.openDesk(), ann.openDesk(), ben.openDesk()]
    for (let i = 0; i < 600; i++) {
      scribble(random, random.pick(desks))
      expect(shown(desks[0] as Y.Doc)).toBe(shown(desks[1] as Y.Doc))
      if (random.below(12) === 0) mesh.exchange()
    }
    mesh.exchange()
    for (const engine of [ann, ben]) engine.settle()
    expect(new Set(desks.map(shown)).size).toBe(1)
    expect(ann.order()).toBe(ben.order())
    expect(desks[0]?.getText('content').length).toBeGreaterThan(100)
    const late = mesh.join(CARL)
    expect(shown(late.openDesk())).toBe(shown(desks[0] as Y.Doc))
    expect(late.order()).toBe(ann.order())
    const limits = { bytes: SPACE_LIMITS.op, clients: 1, structs: 2_048, ranges: 2_048 }
    for (const { update } of mesh.edits)
      for (const { client } of parseUpdate(fromBase64url(update), limits).sections)
        expect(desks.map(desk => desk.clientID)).not.toContain(client)
  })

  it('is read by others, who change nothing', () => {
    const mesh = new Mesh()
    const [ann, carl] = [mesh.join(ANN), mesh.join(CARL)]
    const [annDesk, carlDesk] = [ann.openDesk(), carl.openDesk()]
    annDesk.getText('content').insert(0, 'by Ann')
    mesh.exchange()
    carlDesk.getText('content').insert(0, 'not ')
    expect(carlDesk.getText('content').toString()).toBe('by Ann')
    expect(carl.flush()).toEqual([])
  })

  it('goes on after a restart, and while own edits are on their way', () => {
    const mesh = new Mesh()
    const [ann, ben] = [mesh.join(ANN), mesh.join(BEN)]
    const [desk, other] = [ann.openDesk(), ben.openDesk()]
    desk.getText('content').insert(0, 'one ')
    const underway = ann.flush().map(update => mesh.record(ANN, update))
    desk.getText('content').insert(4, 'two ')
    other.getText('content').insert(0, 'Ben ')
    ann.take(ben.flush().map(update => mesh.record(BEN, update)))
    ann.take(underway)
    ben.take(underway)
    mesh.exchange()
    expect(ben.text()).toBe(ann.text())
    const again = mesh.join(ANN)
    expect(again.text()).toBe(ann.text())
    again.openDesk().getText('content').insert(0, 'three ')
    mesh.exchange()
    expect(ben.text()).toBe(again.text())
    expect(ben.text()).toMatch(/^three /)
    expect(ben.text()).toContain('one two ')
  })

  it('cuts what is pasted into edits that fit a record', () => {
    const mesh = new Mesh()
    const [ann, ben] = [mesh.join(ANN), mesh.join(BEN)]
    const paste = 'Zwölf 🦊 '.repeat(12_000)
    const desk = ann.openDesk()
    desk.getText('content').insert(0, `${paste}!`)
    desk.getText('content').insert(50_000, paste)
    desk.getText('content').delete(10, 70_000)
    desk.getArray('list').insert(
      0,
      Array.from({ length: 5_000 }, (_, i) => i),
    )
    mesh.exchange()
    expect(mesh.edits.length).toBeGreaterThan(20)
    for (const { update } of mesh.edits) expect(update.length).toBeLessThan((SPACE_LIMITS.op * 4) / 3)
    expect(ben.text()).toBe(ann.text())
    expect(ben.openDesk().getArray('list').length).toBe(5_000)
  })

  it('loses what a fork took, and its author writes again what stood on it', () => {
    const mesh = new Mesh()
    const [ann, ben] = [mesh.join(ANN), mesh.join(BEN)]
    const [annDesk, benDesk] = [ann.openDesk(), ben.openDesk()]
    annDesk.getText('content').insert(0, 'Honest. ')
    mesh.exchange()
    benDesk.getText('content').insert(8, 'Forked text.')
    mesh.exchange()
    annDesk.getText('content').insert(14, ', said Ann,')
    annDesk.getText('content').insert(0, 'A: ')
    mesh.exchange()
    annDesk.getText('content').insert(annDesk.getText('content').length, ' Not sent yet.')
    expect(annDesk.getText('content').toString()).toBe('A: Honest. Forked, said Ann, text. Not sent yet.')

    const kept = mesh.edits.filter(edit => edit.by === ANN)
    for (const engine of [ann, ben]) engine.reset(kept)
    expect(ann.text()).toBe('A: Honest. , said Ann, Not sent yet.')
    const fresh = [ann, ben].flatMap((engine, i) => engine.flush().map(each => mesh.record(i === 0 ? ANN : BEN, each)))
    for (const engine of [ann, ben]) engine.take(fresh)
    const late = new DraftEngine({ draft: DRAFT, editors: [ANN, BEN], self: CARL, seed: 1 })
    late.reset([...kept, ...fresh])
    for (const engine of [ann, ben]) engine.settle()
    expect([ben.text(), late.text()]).toEqual([ann.text(), ann.text()])
    expect([annDesk, benDesk].map(desk => desk.getText('content').toString())).toEqual([ann.text(), ann.text()])
    for (const part of ['A: Honest. ', ', said Ann,', ' Not sent yet.', 'Forked text.'])
      expect(ann.text().split(part)).toHaveLength(2) // once
    annDesk.getText('content').insert(0, 'Life goes on. ')
    const more = ann.flush().map(update => mesh.record(ANN, update))
    ben.take(more)
    expect(ben.text()).toBe(ann.text())
    expect(ben.text()).toMatch(/^Life goes on. A: /)
  })
})
