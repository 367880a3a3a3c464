/** Spaces and questions as a client hears them: GW-6, GW-7 and GW-13 to GW-15. */
import { toBase64url } from '@amp-mesh/protocol'
import type { Check } from '../check.ts'
import type { Client } from '../client.ts'
import type { Told } from '../hearing.ts'
import { answerIsSound, isRecord, recordIsSound } from '../shape.ts'
import { FOUNDING_MS, idleQuestion, KIT, text } from '../stage.ts'
import { holds, same, Unmet, Unobservable } from '../unmet.ts'

/** Of a question that the kit answers itself, ms. */
const BUDGET_MS = 15_000
const NOWHERE = toBase64url(new Uint8Array(32).fill(0x5a))

export const SPACE: readonly Check[] = [
  {
    requirement: 'GW-6',
    title: 'a question: `said`, its space’s records as they come, at the end `done`',
    async run(visit) {
      const [asker, guest] = [await visit.client(), await visit.client()]
      const query = idleQuestion()
      asker.say({ type: 'broadcast', query, fresh: true, budgetMs: BUDGET_MS, from: KIT })
      const said = await asker.hears('said', {}, FOUNDING_MS)
      const spoken = await answer(guest, text(said.space))
      const done = await asker.hears('done', {}, BUDGET_MS)
      for (const told of [said, done]) answerIsSound(told)
      const records = asker.told.slice(0, asker.told.indexOf(done)).filter(isRecord)
      const [first] = records
      same('the first record', { type: 'broadcast', query, id: said.record }, picked(first, ['type', 'query', 'id']))
      same('the spaces of `said`, `done` and all records', [said.space], spacesOf([said, done, ...records]))
      const missing = spoken.filter(id => !records.some(told => told.id === id))
      holds('all that was said before the end', missing.length === 0, `not ${missing.join(', ')}`)
      holds('`said` before the records', asker.told.indexOf(said) < asker.told.indexOf(first as Told), asker.told)
      if (done.synthesis === undefined) return
      const conclusions = records.filter(({ type }) => type === 'synthesis').map(({ id }) => id)
      holds('the synthesis that `done` names among the records', conclusions.includes(done.synthesis), conclusions)
    },
  },
  {
    requirement: 'GW-7',
    title: 'records are shown as messages, and none of those that are not',
    async run(visit) {
      const stage = await visit.stage()
      const member = await visit.member(stage)
      const said = await member.asks({ type: 'concern', parent: stage.question, content: 'shown', from: KIT }, 'said')
      const shown = await member.hears('concern', { content: 'shown' })
      const told = member.told.filter(each => isRecord(each))
      for (const each of told) recordIsSound(each)
      const fields = { id: said.record, parent: stage.question, from: `amp://${stage.peer}/guest-${KIT}` }
      same('the concern', fields, picked(shown, ['id', 'parent', 'from']))
      const question = told.find(({ id }) => id === stage.question)
      same('`from` of the question, in which no agent spoke', stage.peer, question?.from)
    },
  },
  {
    requirement: 'GW-13',
    title: '`join` sends all records, earliest first, then `joined`, then each new one',
    async run(visit) {
      const stage = await visit.stage()
      const [before, after] = [await visit.member(stage), await visit.client()]
      for (const content of ['one', 'two']) await before.asks({ type: 'proposal', content }, 'said')
      const joined = await after.asks({ type: 'join', space: stage.space }, 'joined')
      answerIsSound(joined)
      const records = after.told.slice(0, after.told.indexOf(joined)).filter(isRecord)
      const times = records.map(({ time }) => Number(time))
      same('the number of records before `joined`', joined.records, records.length)
      same(
        'the times of the records',
        times.toSorted((a, b) => a - b),
        times,
      )
      same('the first record', stage.question, records[0]?.id)
      same('`question`', stage.question, joined.question)
      const { record } = await before.asks({ type: 'proposal', content: 'live' }, 'said')
      await after.hears('proposal', { id: record })
    },
  },
  {
    requirement: 'GW-13',
    title: '`join` with `last` sends the question and the latest records',
    async run(visit) {
      const stage = await visit.stage()
      const [speaker, reader] = [await visit.member(stage), await visit.client()]
      const said: unknown[] = []
      for (const content of ['one', 'two', 'three'])
        said.push((await speaker.asks({ type: 'proposal', content }, 'said')).record)
      const joined = await reader.asks({ type: 'join', space: stage.space, last: 2 }, 'joined')
      const records = reader.told.slice(0, reader.told.indexOf(joined)).filter(isRecord)
      same(
        'the records',
        [stage.question, ...said.slice(-2)],
        records.map(({ id }) => id),
      )
      same('the number of records before `joined`', 3, joined.records)
    },
  },
  {
    requirement: 'GW-13',
    title: '`leave` ends that',
    async run(visit) {
      const stage = await visit.stage()
      const [stays, leaves] = [await visit.member(stage), await visit.member(stage)]
      answerIsSound(await leaves.asks({ type: 'leave', space: stage.space }, 'left'))
      const { record } = await stays.asks({ type: 'proposal', content: 'after one left' }, 'said')
      await stays.hears('proposal', { id: record })
      await leaves.fence()
      const heard = leaves.of('proposal').filter(({ id }) => id === record)
      same('what who left hears', [], heard)
    },
  },
  {
    requirement: 'GW-13',
    title: 'a space that the peer does not carry is `unknown-space`',
    async run(visit) {
      const client = await visit.client()
      const { code } = await client.asks({ type: 'join', space: NOWHERE }, ['joined', 'error'])
      same('the code', 'unknown-space', code)
    },
  },
  {
    requirement: 'GW-14',
    title: '`find` sends candidates, the best first, then `found`',
    async run(visit) {
      const client = await visit.client()
      const { agents } = await client.greeted()
      const [capability] = capabilitiesOf(agents)
      const found = await client.asks({ type: 'find', query: capability ?? 'anything' }, 'found', {}, FOUNDING_MS)
      const candidates = client.of('candidate')
      for (const told of [...candidates, found]) answerIsSound(told)
      same('`count`', candidates.length, found.count)
      const fits = candidates.map(({ confidence }) => Number(confidence))
      same(
        'the order of `confidence`',
        fits.toSorted((a, b) => b - a),
        fits,
      )
      if (capability === undefined) throw new Unobservable('no agent lives at this peer, so none had to be found')
      holds(`an agent for “${capability}”, which one here can do`, candidates.length > 0, 'none')
      await client.asks({ type: 'find', query: capability, limit: 1 }, 'found')
      same('candidates with limit 1', candidates.length + 1, client.of('candidate').length)
    },
  },
  {
    requirement: 'GW-15',
    title: '`listen` sends a question to who may offer for it',
    async run(visit) {
      const [asker, guest] = [await visit.client(), await visit.client()]
      answerIsSound(await guest.asks({ type: 'listen' }, 'listening'))
      const query = idleQuestion()
      asker.say({ type: 'broadcast', query, fresh: true, budgetMs: BUDGET_MS, from: KIT })
      const question = await guest.hears('broadcast', { query }, FOUNDING_MS)
      recordIsSound(question)
      const space = text(question.space)
      const offer = { type: 'capability_match', space, confidence: 1, offer: 'a guest', from: KIT }
      const said = await guest.asks({ ...offer, for: question.id }, ['said', 'error'])
      if (said.type === 'error') throw new Unmet('an offer to be taken', JSON.stringify(said))
      await asker.hears('capability_match', { id: said.record })
      await asker.asks({ type: 'cancel', space, for: question.id }, ['said', 'error'])
    },
  },
  {
    requirement: 'GW-15',
    title: 'questions of other peers come too',
    async run() {
      throw new Unobservable('the kit speaks with one peer')
    },
  },
]

/** Takes part as agents do, to the conclusion. Returns the ids of its offer and its proposal. */
async function answer(guest: Client, space: string): Promise<string[]> {
  await guest.asks({ type: 'join', space }, 'joined')
  const said = async (message: object) => text((await guest.asks({ ...message, from: KIT }, 'said')).record)
  const offer = await said({ type: 'capability_match', confidence: 1, offer: 'I answer questions of this kit' })
  const proposal = await said({ type: 'proposal', content: 'Nothing is to be done' })
  const claims = [{ text: 'Nothing is to be done', references: [proposal] }]
  await said({ type: 'synthesis', content: 'Nothing is to be done', claims })
  await said({ type: 'settle' })
  return [offer, proposal]
}

const picked = (told: Told | undefined, fields: readonly string[]) =>
  Object.fromEntries(fields.map(field => [field, told?.[field]]))

const spacesOf = (told: readonly Told[]) => [...new Set(told.map(({ space }) => space))]

/** What the agents of a hello can do. */
function capabilitiesOf(agents: unknown): string[] {
  if (!Array.isArray(agents)) return []
  return agents.flatMap(({ capabilities }: { capabilities?: unknown }) =>
    Array.isArray(capabilities) ? capabilities.filter(each => typeof each === 'string') : [],
  )
}
