/** An editor of a draft signs two histories: every replica shows the same text after it, and honest words are kept. */
import { editorClient, parseUpdate } from '@amp-mesh/context/drafts'
import { type DraftWorker, draftService, type FromWorker, OpenDraft } from '@amp-mesh/peer/drafts'
import { concat, EDIT_TAG, fromBase64url, type Rec, SPACE_LIMITS } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import { craft, text } from '../rooms/hostile-update.ts'
import { type Member, ReplicaNetwork } from './replica-network.ts'
import { genesisBytes, identity, ledger, SeededRandom, settled, silent, write } from './space.ts'

/** A draft's worker in this very thread. */
function inline(): DraftWorker {
  const listeners: ((message: FromWorker) => void)[] = []
  const handle = draftService(message => {
    for (const listener of listeners) listener(message)
  })
  return {
    post: message => queueMicrotask(() => handle(message)),
    onMessage: listener => listeners.push(listener),
    onEnd: () => {},
    cpuMs: async () => 0,
    terminate: () => {},
  }
}

it('[G2.drafts] a draft heals when one of its editors forks', async () => {
  const net = new ReplicaNetwork(genesisBytes())
  const [ann, ben] = [await net.join(identity(0)), await net.join(identity(1))]
  const evil = identity(3)
  net.link(ann, ben)
  await net.clock.advance(1_500)
  const editors = [ann.identity.publicKey, ben.identity.publicKey, evil.publicKey]
  const [record] = (await net.say(ann, { k: 'draft', title: 'd', editors, gen: 0 })) as Rec<'draft'>[]
  await net.clock.advance(500)
  if (record === undefined) throw new Error('no draft')
  const open = (member: Member, seed: number) =>
    new OpenDraft({ replica: member.replica }, record, {
      identity: member.identity,
      clock: net.clock,
      random: new SeededRandom(seed),
      logger: silent,
      startWorker: inline,
    })
  const [annDraft, benDraft] = [open(ann, 1), open(ben, 2)]
  const documents = async () => {
    const waiting = Promise.all([annDraft.document(), benDraft.document()])
    await settled()
    return waiting
  }
  const [annDoc, benDoc] = await documents()
  const texts = () => [annDoc, benDoc].map(doc => doc.getText('content').toString())
  annDoc.getText('content').insert(0, 'Honest.')
  await net.clock.advance(1_000)
  expect(texts()).toEqual(['Honest.', 'Honest.'])

  const [first] = ann.replica.records.of('edit')
  const client = editorClient(record.id, evil.publicKey)
  const origin = honestEnd(first)
  const says = (word: string) =>
    concat(Uint8Array.of(EDIT_TAG), fromBase64url(record.id), craft([[client, 0, [{ origin, content: text(word) }]]]))
  const [one, two] = [0, 1].map(() => ledger(genesisBytes(), evil, () => net.clock.now()))
  if (one === undefined || two === undefined) throw new Error('no ledgers')
  const branches = [write(one, evil, [says(' Forked')]), write(two, evil, [says(' Other')])]
  await Promise.all([ann.replica.importSegment(branches[0] as Uint8Array), net.clock.advance(50)])
  await net.clock.advance(500)
  expect(texts()).toEqual(['Honest. Forked', 'Honest. Forked'])
  benDoc.getText('content').insert(14, ' Ben replies.')
  await net.clock.advance(1_000)
  expect(texts()).toEqual(['Honest. Forked Ben replies.', 'Honest. Forked Ben replies.'])

  await Promise.all([ben.replica.importSegment(branches[1] as Uint8Array), net.clock.advance(50)])
  await net.clock.advance(5_000)
  expect(texts()).toEqual(['Honest. Ben replies.', 'Honest. Ben replies.'])
  annDoc.getText('content').insert(20, ' So it goes on.')
  await net.clock.advance(3_000)
  expect(texts()).toEqual(['Honest. Ben replies. So it goes on.', 'Honest. Ben replies. So it goes on.'])
  const orders = Promise.all([annDraft.order(), benDraft.order()])
  await settled()
  expect(new Set(await orders).size).toBe(1)
})

const LIMITS = { bytes: SPACE_LIMITS.op, clients: 1, structs: 2_048, ranges: 2_048 }

/** The last character of the first edit. */
function honestEnd(edit: Rec<'edit'> | undefined): readonly [number, number] {
  const [section] = parseUpdate(fromBase64url(edit?.op.update ?? ''), LIMITS).sections
  return [section?.client ?? 0, 'Honest.'.length - 1]
}
