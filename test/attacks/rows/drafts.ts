/** Texts that several write: updates broken in every way, others' client ids, strangers, lies about places. */
import { DraftEngine, type Edit, editorClient } from '@amp-mesh/context/drafts'
import { toBase64url } from '@amp-mesh/protocol'
import * as Y from 'yjs'
import { SeededRandom } from '../../simulation/space.ts'
import { keyOf } from '../arena.ts'
import type { Attack } from '../attack.ts'
import { DraftField } from '../draft-field.ts'
import { breach, judged, type Outcome, stopped } from '../outcome.ts'
import { ALICE, MALLORY, PlainPeer } from '../plain-peer.ts'
import { items, text } from '../yjs-update.ts'

const MUTATIONS = 30_000
/** Of them those that go over the wire into the workers of real peers. */
const ON_THE_WIRE = 200

/** Lying and honest items in two orders: by one struct whose neighbours are not where it says. */
const lyingTexts = (base: number, liar: number, honest: number) => ({
  base: items(base, 0, { root: 'content', content: text('a') }, { origin: [base, 0], content: text('b') }),
  lying: items(liar, 0, { right: [base, 1], content: text('M') }),
  honest: items(honest, 0, { origin: [base, 0], content: text('H') }),
})

export const drafts: readonly Attack[] = [
  {
    n: 41,
    name: 'lying origins: well-formed, own client id',
    plain: () => {
      const { base, lying, honest } = lyingTexts(ALICE, 5, 50)
      const [one, other] = [new PlainPeer(), new PlainPeer(8)]
      one.take(base, lying, honest)
      other.take(base, honest, lying)
      const texts = [one, other].map(peer => peer.doc.getText('content').toString())
      return judged(texts[0] !== texts[1], `one struct, and readers differ for ever: ${texts.join(', ')}`)
    },
    here: arena =>
      inDraft(arena, async draft => {
        const { carol, mallory, bert } = arena
        const [own, liar] = [carol.identity, mallory.identity].map(editor => draft.clientOf(editor)) as [number, number]
        await draft.honestWords()
        const lying = items(liar, 0, { right: [own, 3], content: text('M') })
        // anna gets the lie first, bert after carol's next words at the same place
        draft.field.wires[0].push(draft.field.space, draft.field.mallory.write(draft.op(lying)).segment)
        await draft.honestWords()
        await draft.field.settled()
        await draft.agree()
        return bert.name
      }),
  },
  {
    n: 54,
    isLong: true,
    name: `${MUTATIONS} mutated draft updates`,
    plain: () => {
      const [random, whole] = [new SeededRandom(54), written(MALLORY)]
      let [thrown, taken] = [0, 0]
      for (let i = 0; i < 3_000; i++) {
        const peer = new PlainPeer()
        const failure = peer.take(mutated(random, random.pick(whole)))
        if (failure === undefined) taken++
        else thrown++
      }
      return judged(taken > 0, `${taken} of ${taken + thrown} taken as they are, ${thrown} threw inside Yjs`)
    },
    here: arena =>
      inDraft(arena, async draft => {
        const failed = inEngine(MUTATIONS - ON_THE_WIRE)
        if (failed !== undefined) throw new Error(failed)
        await draft.honestWords()
        const random = new SeededRandom(55)
        const whole = written(draft.clientOf(arena.mallory.identity))
        const edits = Array.from({ length: ON_THE_WIRE }, () => draft.op(mutated(random, random.pick(whole))))
        draft.field.push(draft.field.mallory.write(...edits).segment)
        await draft.honestWords()
        await draft.agree()
      }),
  },
  {
    n: 82,
    needsGuard: true,
    name: "an editor writes and deletes with another editor's client id",
    plain: () => {
      const [peer, alice] = [new PlainPeer(), new PlainPeer(ALICE)]
      alice.doc.getText('content').insert(0, 'honest words')
      peer.take(alice.all(), items(ALICE, 12, { origin: [ALICE, 11], content: text(', and lies') }))
      const shown = peer.doc.getText('content').toString()
      return judged(shown.endsWith('lies'), `alice is made to say: ${shown}`)
    },
    here: arena =>
      inDraft(arena, async draft => {
        await draft.honestWords()
        const before = draft.texts
        const { carol, anna } = arena
        const [hers, annas] = [draft.clientOf(carol.identity), draft.clientOf({ ...carol.identity, ...anna })]
        draft.edit(
          items(hers, draft.texts[0]?.length ?? 0, { origin: [hers, 0], content: text('lies') }),
          items(annas, 0, { root: 'content', content: text('more lies') }),
          items(annas + 1, 0, { root: 'content', content: text('more lies') }),
        )
        await draft.field.settled()
        await draft.agree()
        if (draft.texts[0] !== before[0]) throw new Error(`the draft reads ${draft.texts[0]}`)
        await draft.honestWords()
      }),
  },
  {
    n: 83,
    needsGuard: true,
    name: 'who is no editor edits',
    plain: () => {
      const [peer, stranger] = [new PlainPeer(), new PlainPeer(99)]
      stranger.doc.getText('content').insert(0, 'a stranger was here')
      peer.take(stranger.all())
      return judged(peer.doc.getText('content').length > 0, 'whoever is connected writes')
    },
    here: arena =>
      inDraft(arena, async draft => {
        await draft.honestWords()
        const before = draft.texts
        const stranger = keyOf('a stranger to the draft')
        const admitted = draft.field.mallory.write({ k: 'admit', pub: stranger.publicKey })
        const update = items(draft.clientOf(stranger), 0, { root: 'content', content: text('lies') })
        const words = draft.field.author(stranger).write(draft.op(update))
        draft.field.push(admitted.segment, words.segment)
        await draft.field.arrived(...words.ids)
        await draft.honestWords()
        await draft.agree()
        if (draft.texts[0]?.includes('lies')) throw new Error(`the draft reads ${draft.texts[0]}`)
        return before[0]
      }),
  },
]

async function inDraft(
  arena: Parameters<Attack['here']>[0],
  attack: (draft: DraftField) => Promise<unknown>,
): Promise<Outcome> {
  const draft = await DraftField.open(arena)
  try {
    await attack(draft)
    return stopped('the draft reads the same everywhere, honest words in it')
  } catch (error) {
    return breach(error instanceof Error ? error.message : String(error))
  } finally {
    draft.close()
  }
}

/** Updates of an editor that writes, formats, embeds and deletes. */
function written(client: number): Uint8Array[] {
  const doc = new Y.Doc()
  doc.clientID = client
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const content = doc.getText('content')
  content.insert(0, 'hello world')
  content.format(0, 5, { bold: true })
  content.delete(2, 3)
  content.insertEmbed(3, { img: 1 })
  doc.getArray('list').push([1, { a: [1, 2] }, new Y.Map()])
  doc.getMap('map').set('k', 'v')
  return updates
}

/** What a worker does with mutated edits, here in this process: it must never fail, nor leave anything pending. */
function inEngine(mutations: number): string | undefined {
  const random = new SeededRandom(54)
  const [draft, editor] = ['D'.repeat(32), keyOf('editor')]
  const client = editorClient(draft, editor.publicKey)
  const whole = written(client)
  const edit = (n: number, update: Uint8Array): Edit => ({
    id: `${n}`.padStart(32, '0'),
    by: editor.publicKey,
    log: 'log',
    n,
    time: n,
    update: toBase64url(update),
  })
  for (let done = 0; done < mutations; done += 100) {
    const engine = new DraftEngine({ draft, editors: [editor.publicKey], self: keyOf('reader').publicKey, seed: 1 })
    engine.take(whole.slice(0, random.below(whole.length)).map((update, n) => edit(n, update)))
    for (let n = 100; n < 200; n++) {
      const update = mutated(random, random.pick(whole))
      try {
        engine.take([edit(n, update)])
      } catch (error) {
        return `${Buffer.from(update).toString('hex').slice(0, 80)}: ${error}`
      }
    }
    engine.settle()
    engine.text()
  }
  return undefined
}

function mutated(random: SeededRandom, update: Uint8Array): Uint8Array {
  const changed = update.slice()
  for (let i = 0; i <= random.below(5); i++) changed[random.below(changed.length)] = random.below(256)
  return changed
}
