/** What is said: bytes that are no JSON, no canonical JSON, or JSON that hurts whoever reads it. */
import type { Attack } from '../attack.ts'
import { type Expected, fact } from '../field.ts'
import { failureOf, judged, type Outcome } from '../outcome.ts'
import { MALLORY, type PlainPeer, reader } from '../plain-peer.ts'
import { contentAny, items, rawContent } from '../yjs-update.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

/** Ops in one sound entry; behind them one that must be taken. */
function ops(n: number, name: string, bytes: Uint8Array[], expected: Expected, plain: () => Outcome): Attack {
  return {
    n,
    name,
    needsGuard: true,
    plain,
    here: async arena => {
      const field = await arena.field()
      const own = (expected.own ?? 0) + 1
      return field.withstands(() => field.push(field.mallory.write(...bytes, fact('after')).segment), {
        ...expected,
        own,
      })
    },
  }
}

/** A reader that took one value of mallory's at the key `k`. */
function holding(value: unknown): PlainPeer {
  const peer = reader()
  peer.take(items(MALLORY, 0, { root: 'facts', key: 'k', content: contentAny(value) }))
  return peer
}

const deep = (depth: number) => utf8(`{"k":"x","o":${'['.repeat(depth)}${']'.repeat(depth)}}`)

/** An array in an array, and so on, as lib0 writes it. */
const deepContent = (depth: number) => rawContent(8, [1, ...Array.from({ length: depth }, () => [117, 1]).flat(), 126])

export const values: readonly Attack[] = [
  ops(23, 'a value nested 3,500 deep', [deep(9), deep(3_500), deep(7_000)], {}, () => {
    const peer = reader()
    peer.take(items(MALLORY, 0, { root: 'content', content: deepContent(3_500) }))
    const failure = failureOf(() => structuredClone(peer.doc.getArray('content').toJSON()))
    return judged(failure !== undefined, `readers' structuredClone: ${failure?.message}`)
  }),
  ops(
    26,
    '__proto__ inside a record',
    ['__proto__', 'constructor', 'prototype'].map(key =>
      utf8(`{"${key}":{"status":"verified"},"k":"fact","o":1,"p":"b","s":"a"}`),
    ),
    {},
    () => {
      const value = holding(JSON.parse('{"__proto__":{"status":"verified"},"s":"a"}')).map().get('k')
      return judged((value as { status?: string }).status === 'verified', 'it reads verified, through its prototype')
    },
  ),
  {
    n: 43,
    needsGuard: true,
    name: 'a record above its bound',
    plain: () => {
      const peer = holding('x'.repeat(4_000_000))
      return judged(String(peer.map().get('k')).length === 4_000_000, 'taken: 4 MB')
    },
    here: async arena => {
      const field = await arena.field()
      const large = utf8(`{"k":"fact","o":"${'a'.repeat(20_000)}","p":"b","s":"a"}`)
      return field.withstands(() => field.push(field.mallory.write(large).segment))
    },
  },
  ops(
    50,
    'confused types, broken UTF-8, infinities, paths as ids',
    [
      utf8('{"k":"constructor","s":"a"}'),
      utf8('{"k":"hasOwnProperty"}'),
      Uint8Array.of(0x7b, 0xff, 0x7d),
      utf8('{"k":"fact","o":1e999,"p":"b","s":"a"}'),
      utf8('[]'),
      utf8('null'),
      utf8('{"k":"verify","of":"../../x","v":1}'),
      utf8('{"k":"fact","o":"red","p":["colour"],"s":{"toString":"sky"}}'),
    ],
    { opaque: 4 },
    () => {
      const value = holding({ k: 'verify', of: '../../x', v: Infinity, s: { toString: 1 } })
        .map()
        .get('k')
      return judged((value as { v: number }).v === Infinity, 'taken: a path as an id, infinity, an object as a name')
    },
  ),
  ops(
    63,
    'one record written in many ways (keys twice, escapes, spaces, -0, 1.0)',
    [
      '{"k":"fact","o":"red","o":"green","p":"colour","s":"sky"}',
      '{"k":"fact","o":"\\u0072ed","p":"colour","s":"sky"}',
      '{"k":"fact", "o":"red","p":"colour","s":"sky"}',
      '{"s":"sky","p":"colour","o":"red","k":"fact"}',
      '{"k":"fact","o":-0,"p":"colour","s":"sky"}',
      '{"k":"fact","o":1.0,"p":"colour","s":"sky"}',
      '{"k":"fact","o":1e400,"p":"colour","s":"sky"}',
      '{"k":"fact","o":"red","p":"colour","s":"sky"} ',
      '\ufeff{"k":"fact","o":"red","p":"colour","s":"sky"}',
    ].map(utf8),
    {},
    () => {
      const [one, other] = [-0, 0].map(value => holding(value).map().get('k'))
      return judged(!Object.is(one, other), 'two ways to write one value, two hashes')
    },
  ),
  ops(
    64,
    'lone surrogates and other text that is no text',
    [
      utf8('{"k":"fact","o":"\\ud800","p":"colour","s":"sky"}'),
      Uint8Array.of(...utf8('{"k":"fact","o":"'), 0xed, 0xa0, 0x80, ...utf8('","p":"colour","s":"sky"}')),
      Uint8Array.of(...utf8('{"k":"fact","o":"'), 0xc0, 0xaf, ...utf8('","p":"colour","s":"sky"}')),
      utf8('{"k":"fact","o":"a\u0000b'),
    ],
    {},
    () => {
      const sent = '\ud800'
      const got = holding(sent).map().get('k')
      return judged(got !== sent, 'arrives as another text than was sent')
    },
  ),
  ops(
    65,
    'numbers beyond all bounds',
    [
      utf8('{"heads":[["AAAAAAAAAAAAAAAAAAAAAA",9007199254740993]],"k":"settle"}'),
      utf8('{"heads":[["AAAAAAAAAAAAAAAAAAAAAA",-1]],"k":"settle"}'),
      utf8('{"heads":[["AAAAAAAAAAAAAAAAAAAAAA",1e+21]],"k":"settle"}'),
      utf8('{"k":"count","n":0,"name":"x","p":1.5}'),
      utf8('{"k":"count","n":0,"name":"x","p":1e+308}'),
      utf8('{"k":"fact","conf":7,"o":"red","p":"colour","s":"sky"}'),
    ],
    { opaque: 5 },
    () => {
      const counted = holding({ count: 2 ** 53 })
        .map()
        .get('k') as { count: number }
      return judged(counted.count + 1 === counted.count, 'a counter that can be counted no more')
    },
  ),
  {
    n: 66,
    needsGuard: true,
    name: 'names that look like those of others',
    plain: () => {
      const peer = holding({ by: 'аlice', name: 'alice\u202e\u0000' }) // the first letter is Cyrillic
      return judged((peer.map().get('k') as { by: string }).by !== 'alice', 'nothing but the look tells them apart')
    },
    here: async arena => {
      const field = await arena.field()
      const spoofs = ['аlice', 'carol\u202e', 'carol\u200b', 'ｃarol', 'carol\n[verified]']
      // an agent's name is of a small alphabet, and stands behind its peer's key: these are records of no offerer
      const offered = spoofs.map(agent => ({
        agent,
        confidence: 1,
        for: field.question,
        k: 'capability_match',
        offer: '',
      }))
      const bytes = offered.map(each => utf8(JSON.stringify(each)))
      return field.withstands(() => field.push(field.mallory.write(...bytes).segment), { opaque: spoofs.length })
    },
  },
]
