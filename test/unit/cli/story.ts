/** A small collaboration as happenings, for what draws and reports it: two agents, one of which doubts the other. */
import type { Answer, Happening } from '@amp-mesh/peer'
import { agentIdOf, type Op, type PeerId, peerIdOf, publicKeyOf, type Rec } from '@amp-mesh/protocol'

const key = (fill: number): PeerId => peerIdOf(new Uint8Array(32).fill(fill))
export const ASKER = key(1)
export const HISTORY = key(2)
export const TESTS = key(3)
export const SPACE = 's'.repeat(43)

/** A readable record id: `offer-1` padded to the length of an id. */
export const id = (name: string): string => name.padEnd(32, '_')

export function record<K extends Op['k']>(name: string, from: PeerId, op: Op<K>): Rec<K> {
  return { id: id(name), by: publicKeyOf(from), log: 'l'.repeat(22), seq: 0, n: 0, time: 0, op }
}

/** `agent` says `op` at `t` ms after the broadcast. */
export function said(t: number, from: PeerId, agent: string, name: string, op: Op): Happening {
  const happening = { t, from, agent: agentIdOf(from, agent), space: SPACE }
  if (op.k === 'broadcast') return { ...happening, type: op.k, record: record(name, from, op), asked: [] }
  return { ...happening, type: op.k, record: record(name, from, op) }
}

export const SYNTHESIS = record('synthesis', TESTS, {
  k: 'synthesis',
  for: id('question'),
  content: 'Not yet: one risk stands.',
  claims: [
    { text: 'A hot file has no test.', references: [id('hot'), id('untested')] },
    { text: 'It changes weekly.', references: [id('hot')] },
  ],
})

export const ANSWER: Answer = {
  space: SPACE,
  outcome: 'concluded',
  synthesis: SYNTHESIS,
  peers: 2,
  firstOfferMs: 120,
  concludedMs: 2040,
  records: 9,
  messages: 31,
  bytes: 20_480,
}

/** The same answer, found before. */
export const KNOWN = {
  space: SPACE,
  outcome: 'concluded',
  commons: {
    solved: record('solved', TESTS, { k: 'solved', q: 'q', problem: 'Is it ready to release?', result: null }),
    solution: {
      space: SPACE,
      synthesis: SYNTHESIS.id,
      content: SYNTHESIS.op.content,
      claims: SYNTHESIS.op.claims,
      by: [agentIdOf(HISTORY, 'history'), agentIdOf(TESTS, 'tests'), `amp://${ASKER}/`],
    },
    vouchedBy: [publicKeyOf(TESTS)],
    own: false,
  },
  peers: 2,
  concludedMs: 3,
  records: 2,
  messages: 0,
  bytes: 0,
} satisfies Answer

export const STORY: Happening[] = [
  {
    t: 0,
    type: 'broadcast',
    from: ASKER,
    space: SPACE,
    asked: [HISTORY, TESTS],
    record: record('question', ASKER, { k: 'broadcast', query: 'Is it ready to release?' }),
  },
  said(120, HISTORY, 'history', 'offer-h', {
    k: 'capability_match',
    for: id('question'),
    confidence: 0.92,
    offer: 'I read the history.',
  }),
  said(180, TESTS, 'tests', 'offer-t', {
    k: 'capability_match',
    for: id('question'),
    confidence: 0.4,
    offer: 'I know the tests.',
  }),
  said(310, HISTORY, 'history', 'hot', {
    k: 'proposal',
    for: id('question'),
    content: 'src/pay.ts changed 14 times in 30 days',
  }),
  said(400, TESTS, 'tests', 'fact', { k: 'fact', s: 'src/pay.ts', p: 'tested-by', o: 0 }),
  said(520, TESTS, 'tests', 'untested', { k: 'build_on', parent: id('hot'), content: 'and no test imports it' }),
  said(600, HISTORY, 'history', 'vote', { k: 'verify', of: id('fact'), v: 1, why: 'no import found' }),
  said(700, HISTORY, 'history', 'worry', { k: 'concern', parent: id('untested'), content: 'a release on Friday?' }),
  said(800, HISTORY, 'history', 'settle-h', { k: 'settle', heads: [] }),
  said(820, TESTS, 'tests', 'settle-t', { k: 'settle', heads: [] }),
  { t: 2000, type: 'synthesis', from: TESTS, agent: agentIdOf(TESTS, 'tests'), space: SPACE, record: SYNTHESIS },
  { t: 2040, type: 'done', from: ASKER, ...ANSWER },
]
