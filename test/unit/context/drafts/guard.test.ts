/** The draft guard: whatever bytes an editor signs, Yjs decodes only what the parser read, and never throws. */
import { DecodeError, sha256, toBase64url, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { editorClient } from '../../../../packages/context/src/drafts/editor-client.ts'
import { type Edit, Replay } from '../../../../packages/context/src/drafts/replay.ts'
import { encodeUpdate, parseUpdate } from '../../../../packages/context/src/yjs/update-codec.ts'
import {
  type CraftedStruct,
  craft,
  deleted,
  format,
  rawContent,
  subdocument,
  text,
  type,
  values,
} from '../../../rooms/hostile-update.ts'
import { SeededRandom } from '../../../simulation/space.ts'

const RUNS = Number(process.env.RUNS ?? 2_000)
const DRAFT = 'd'.repeat(32)
const EDITORS = ['evil', 'alice', 'bob', 'base'].map(name => toBase64url(sha256(utf8(name))))
const [EVIL = '', ALICE = '', BOB = '', BASE = ''] = EDITORS
const LIMITS = { bytes: 16_384, clients: 1, structs: 2_048, ranges: 2_048 }
const client = (by: string) => editorClient(DRAFT, by)

let records = 0
const edit = (by: string, n: number, time: number, update: Uint8Array): Edit => ({
  id: `r${records++}`.padEnd(32, 'x'),
  by,
  log: `log of ${by}`,
  n,
  time,
  update: toBase64url(update),
})
const replayed = (...edits: Edit[]) => {
  const replay = new Replay({ draft: DRAFT, editors: EDITORS })
  for (const each of edits) replay.take(each)
  return replay
}
/** What Alice's own Yjs makes. */
function honest(work: (doc: Y.Doc) => void, by = ALICE): Uint8Array {
  const doc = new Y.Doc({ gc: false })
  doc.clientID = client(by)
  doc.transact(() => work(doc))
  return Y.encodeStateAsUpdate(doc)
}

describe('the codec', () => {
  it('reads what Yjs writes and writes it back', () => {
    const update = honest(doc => {
      const content = doc.getText('content')
      content.insert(0, 'Hello 🌍 ünd', { bold: true, size: 1.5 })
      content.insertEmbed(3, { image: 'x' })
      content.delete(0, 2)
      doc.getArray('list').insert(0, [1, -1.25, null, true, 'x', { deep: [new Uint8Array([1, 2])] }, new Y.Map()])
      doc.getMap('map').set('text', new Y.Text('nested'))
      doc.getMap('map').set('xml', new Y.XmlElement('p'))
    })
    const parsed = parseUpdate(update, LIMITS)
    const again = new Y.Doc()
    Y.applyUpdate(again, encodeUpdate(parsed))
    const direct = new Y.Doc()
    Y.applyUpdate(direct, update)
    for (const root of ['list', 'map'] as const)
      expect(again.get(root, root === 'list' ? Y.Array : Y.Map).toJSON()).toEqual(
        direct.get(root, root === 'list' ? Y.Array : Y.Map).toJSON(),
      )
    expect(again.getText('content').toDelta()).toEqual(direct.getText('content').toDelta())
    expect(parseUpdate(encodeUpdate(parsed), LIMITS)).toEqual(parsed)
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['a promise of 33 million structs', craft([[1, 0, [], 33_000_000]])],
    ['a number above 2^53', Uint8Array.of(1, 1, 255, 255, 255, 255, 255, 255, 255, 255, 15, 0)],
    ['a sub-document', craft([[1, 0, [{ root: 'content', content: subdocument('evil') }]]])],
    ['an unknown content', craft([[1, 0, [{ root: 'content', content: rawContent(11, [1]) }]]])],
    ['an unknown type', craft([[1, 0, [{ root: 'content', content: type(7) }]]])],
    ['JSON of the old kind', craft([[1, 0, [{ root: 'content', content: rawContent(2, [1, 1, 49]) }]]])],
    ['__proto__ in a value', craft([[1, 0, [{ root: 'list', content: values({ ['__proto__']: 1 }) }]]])],
    ['__proto__ as a key', craft([[1, 0, [{ root: 'map', key: '__proto__', content: values(1) }]]])],
    ['__proto__ in a format', craft([[1, 0, [{ root: 'content', content: format('b', '{"__proto__":1}') }]]])],
    ['a value nine levels deep', craft([[1, 0, [{ root: 'list', content: values([[[[[[[[1]]]]]]]]) }]]])],
    ['a deletion of 2^53', craft([[1, 0, [{ root: 'content', content: deleted(2 ** 53 - 1) }]]])],
    ['something behind the end', Uint8Array.of(0, 0, 0)],
    [
      'one client twice',
      craft([
        [1, 0, [{ root: 'content', content: text('a') }]],
        [1, 1, [{ gc: 1 }]],
      ]),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseUpdate(bytes, { ...LIMITS, clients: 2 })).toThrow(DecodeError)
  })

  it('refuses every prefix', () => {
    const whole = honest(doc => doc.getText('content').insert(0, 'Hello', { bold: true }))
    for (let end = 0; end < whole.length; end++)
      expect(() => parseUpdate(whole.subarray(0, end), LIMITS)).toThrow(DecodeError)
  })
})

describe('the guard', () => {
  const base = edit(
    BASE,
    0,
    1,
    honest(doc => doc.getText('content').insert(0, 'abc'), BASE),
  )
  const own = client(EVIL)
  const attempt = (structs: readonly CraftedStruct[], by = own, clock = 0) =>
    replayed(base, edit(EVIL, 0, 2, craft([[by, clock, structs]]))).doc

  it.each([
    ["another's client", () => attempt([{ root: 'content', content: text('x') }], client(ALICE))],
    ["a client of nobody's", () => attempt([{ root: 'content', content: text('x') }], 7)],
    ['a root of its own', () => attempt([{ root: 'facts', key: 'k', content: values(1) }])],
    ['GC over its own future', () => attempt([{ gc: 5 }])],
    ['an origin in its own future', () => attempt([{ origin: [own, 3], content: text('x') }])],
    ['a parent that is no type', () => attempt([{ parent: [client(BASE), 0], content: text('x') }])],
    ['an origin nobody wrote yet', () => attempt([{ origin: [client(BOB), 0], content: text('x') }])],
    ['a gap', () => attempt([{ root: 'content', content: text('x') }], own, 4)],
    [
      'deletions of what is not there',
      () => replayed(base, edit(EVIL, 0, 2, craft([], [[client(BASE), [[0, 2 ** 30]]]]))).doc,
    ],
    ['types 40 deep', () => attempt(nested(40))],
    ['types 40 deep by their neighbours', () => attempt(nestedBeside(40))],
    ['a stranger', () => replayed(base, { ...edit(EVIL, 0, 2, craft([])), by: 'nobody' }).doc],
  ])('lets %s change nothing', (_, attack) => {
    const doc = attack()
    expect(doc.getText('content').toString()).toBe('abc')
    expect([...doc.store.clients.keys()]).toEqual([client(BASE)])
    expect(doc.store.pendingStructs).toBeNull()
    expect(doc.store.pendingDs).toBeNull()
  })

  /** A map in a map in a map, each by its parent. */
  const nested = (levels: number): CraftedStruct[] =>
    Array.from({ length: levels }, (_, i) => ({
      ...(i === 0 ? { root: 'map' } : { parent: [own, i - 1] as const }),
      key: 'k',
      content: type(1),
    }))
  /** Lists in lists, each beside a first element, so that no list but the first says where it is. */
  const nestedBeside = (levels: number): CraftedStruct[] =>
    Array.from({ length: levels }, (_, i) => [
      { ...(i === 0 ? { root: 'list' } : { parent: [own, 2 * i - 1] as const }), content: values(1) },
      { origin: [own, 2 * i] as const, content: type(0) },
    ]).flat()

  it('lets editors write into each other’s text: that is what a draft is for', () => {
    const insert = craft([[own, 0, [{ origin: [client(BASE), 0], right: [client(BASE), 1], content: text('-') }]]])
    const remove = craft([], [[client(BASE), [[2, 1]]]])
    expect(
      replayed(base, edit(EVIL, 0, 2, insert), edit(EVIL, 1, 3, remove))
        .doc.getText('content')
        .toString(),
    ).toBe('a-b')
  })

  it(`[G1.drafts] ${RUNS} mutated updates: no exception inside Yjs, nothing pending`, () => {
    const random = new SeededRandom(5)
    const seeds = [
      honest(doc => doc.getText('content').insert(0, 'Hello', { bold: true }), EVIL),
      honest(doc => {
        const inner = new Y.Map()
        doc.getMap('map').set('inner', inner)
        inner.set('list', Y.Array.from([1, 'two', { three: [3] }]))
      }, EVIL),
      honest(doc => doc.getArray('list').insert(0, [1, 2, new Y.Text('t')]), EVIL),
      craft(
        [[own, 0, [{ origin: [client(BASE), 1], right: [client(BASE), 2], content: text('mid') }]]],
        [[client(BASE), [[0, 1]]]],
      ),
    ]
    let doc = replayed(base)
    let applied = 0
    for (let run = 0; run < RUNS; run++) {
      if (run % 50 === 0) doc = replayed(base)
      const bytes = random.pick(seeds).slice()
      for (let flips = 1 + random.below(4); flips > 0; flips--) bytes[random.below(bytes.length)] = random.below(256)
      const before = doc.order()
      doc.take(edit(EVIL, run, 2 + run, bytes))
      applied += before === doc.order() ? 0 : 1
      expect(doc.doc.store.pendingStructs).toBeNull()
      expect(doc.doc.store.pendingDs).toBeNull()
      expect(doc.doc.subdocs.size).toBe(0)
    }
    expect(applied).toBeGreaterThan(20) // mutations that reach Yjs
  })
})

describe('canonical replay', () => {
  const RUNS_OF_LIARS = Number(process.env.RUNS ?? 100)

  it(`[G2.drafts] ${RUNS_OF_LIARS} histories with lying origins: replicas part, and are one after replay`, () => {
    const random = new SeededRandom(7)
    let parted = 0
    for (let run = 0; run < RUNS_OF_LIARS; run++) {
      const edits = liarsHistory(random)
      const replicas = Array.from({ length: 6 }, () => replayed(...random.shuffled(edits)))
      const shown = () => new Set(replicas.map(({ doc }) => doc.getText('content').toString())).size
      parted += shown() > 1 ? 1 : 0
      for (const replica of replicas) if (replica.isShuffled) replica.rebuild()
      expect(shown(), `run ${run}`).toBe(1)
      expect(new Set(replicas.map(replica => replica.order())).size, `run ${run}`).toBe(1)
    }
    expect(parted).toBeGreaterThan(RUNS_OF_LIARS / 10)
  })

  /** Five characters, and on them: honest insertions of two, and those of one who lies about the neighbours. */
  function liarsHistory(random: SeededRandom): Edit[] {
    const ids = Array.from({ length: 5 }, (_, i) => [client(BASE), i] as const)
    const first = ids.map((_, i) => ({
      ...(i === 0 ? { root: 'content' } : { origin: ids[i - 1] ?? null }),
      content: text('abcde'[i] ?? ''),
    }))
    const edits = [edit(BASE, 0, 1, craft([[client(BASE), 0, first]]))]
    for (const by of [EVIL, ALICE, BOB])
      for (let n = 0; n < 1 + random.below(2); n++) {
        const at = random.below(6)
        let [origin, right] = [ids[at - 1] ?? null, ids[at] ?? null]
        if (by === EVIL) {
          const any = [...ids, ...Array.from({ length: n }, (_, j) => [client(by), j] as const)]
          origin = random.below(4) > 0 ? random.pick(any) : null
          right = random.below(4) > 0 ? random.pick(any) : null
        }
        const place = origin === null && right === null ? { root: 'content' } : { origin, right }
        edits.push(
          edit(
            by,
            n,
            10 + random.below(5) + 10 * n,
            craft([[client(by), n, [{ ...place, content: text(by[0] ?? '') }]]]),
          ),
        )
      }
    return edits
  }
})
