/** A session that was cut goes on: GW-16. */
import { GATEWAY_CLOSE } from '@amp-mesh/protocol'
import type { Check } from '../check.ts'
import type { Told } from '../hearing.ts'
import { answerIsSound, isRecord } from '../shape.ts'
import { text } from '../stage.ts'
import { holds, same, Unobservable } from '../unmet.ts'
import type { Visit } from '../visit.ts'

/** More kept messages than this are not filled up to find out what comes then. */
const MOST_KEPT = 2_048
const NO_SESSION = 'x'.repeat(22)

export const RESUME: readonly Check[] = [
  {
    requirement: 'GW-16',
    title: 'what came behind `after` is sent again, each message once, then `resumed`',
    async run(visit) {
      const stage = await visit.stage()
      const [stays, cut] = [await visit.member(stage), await visit.member(stage)]
      const { session } = await cut.greeted()
      await cut.asks({ type: 'proposal', id: 'mine', content: 'before the cut' }, 'said')
      await cut.hears('proposal', { content: 'before the cut' })
      await cut.fence()
      const after = cut.told.at(-1)?.id
      cut.cut()
      const missed = await writeThree(visit, stage.space)
      for (const id of missed) await stays.hears('proposal', { id })

      const back = await visit.client()
      const resumed = await back.asks({ type: 'resume', session, after }, ['resumed', 'error'])
      answerIsSound(resumed)
      same('`resumed`', { complete: true, session }, { complete: resumed.complete, session: resumed.session })
      const again = fromHelloOn(back.told.slice(0, back.told.indexOf(resumed))).slice(1)
      same('how many different messages are sent again', again.length, new Set(again).size)
      // agents of the mesh may have spoken meanwhile
      const ours = again.filter(id => missed.includes(String(id)))
      same('what is sent again', missed, ours)
      const built = await back.asks({ type: 'build_on', parent: 'mine', content: 'the names live on' }, [
        'said',
        'error',
      ])
      same('the space, by a name from before the cut', stage.space, built.space)
    },
  },
  {
    requirement: 'GW-16',
    title: 'without `after` all of the session is sent again',
    async run(visit) {
      const stage = await visit.stage()
      const cut = await visit.member(stage)
      const { session } = await cut.greeted()
      await cut.fence()
      const before = fromHelloOn(cut.told)
      cut.cut()
      const back = await visit.client()
      const resumed = await back.asks({ type: 'resume', session }, ['resumed', 'error'])
      const again = fromHelloOn(back.told.slice(0, back.told.indexOf(resumed)))
      // the greeting of the new connection, then all of the old one, its greeting among it
      same('what is sent again', before, again.slice(1, 1 + before.length))
    },
  },
  {
    requirement: 'GW-16',
    title: 'what is more than is kept is told as not `complete`, and the records of the space come again',
    async run(visit) {
      const stage = await visit.stage()
      const cut = await visit.member(stage)
      const { session, limits } = await cut.greeted()
      const kept = keptOf(limits)
      const [first] = cut.of('joined')
      // a join sends all records of the space, so that few messages of ours make many of theirs
      for (let i = 0; i < RECORDS; i++) await cut.asks({ type: 'proposal', content: `filling ${i}` }, 'said')
      const since = () => (first === undefined ? cut.told.length : cut.told.length - cut.told.indexOf(first))
      while (since() <= kept + 1) await cut.asks({ type: 'join', space: stage.space }, 'joined')
      cut.cut()
      const back = await visit.client()
      const resumed = await back.asks({ type: 'resume', session, after: first?.id }, ['resumed', 'error'])
      same('`complete`', false, resumed.complete)
      const joined = await back.hears('joined', { space: stage.space })
      const records = back.told.slice(back.told.indexOf(resumed), back.told.indexOf(joined)).filter(isRecord)
      holds('all records of the space', records.length >= RECORDS && records[0]?.id === stage.question, records.length)
      same('`records` of `joined`', records.length, joined.records)
    },
  },
  {
    requirement: 'GW-16',
    title: 'a session that nobody knows is `stale`',
    async run(visit) {
      const client = await visit.client()
      const { code } = await client.asks({ type: 'resume', session: NO_SESSION }, ['resumed', 'error'])
      same('the code', 'stale', code)
    },
  },
  {
    requirement: 'GW-16',
    title: `of two connections with one session the older is closed with ${GATEWAY_CLOSE.resumedElsewhere}`,
    async run(visit) {
      const [older, newer] = [await visit.client(), await visit.client()]
      const { session } = await older.greeted()
      await newer.asks({ type: 'resume', session }, 'resumed')
      const code = await older.closed(GATEWAY_CLOSE.resumedElsewhere)
      same('the close code', GATEWAY_CLOSE.resumedElsewhere, code)
    },
  },
  {
    requirement: 'GW-16',
    title: 'a cut session waits 60 s, and then no more',
    async run() {
      throw new Unobservable('the kit does not wait a minute')
    },
  },
]

const RECORDS = 40

/** Three records by another client, each in its own time. Returns their ids. */
async function writeThree(visit: Visit, space: string): Promise<string[]> {
  const other = await visit.client()
  const ids: string[] = []
  for (const content of ['first', 'second', 'third'])
    ids.push(text((await other.asks({ type: 'proposal', space, content }, 'said')).record))
  return ids
}

const fromHelloOn = (told: readonly Told[]) =>
  told.slice(told.findIndex(({ type }) => type === 'hello')).map(({ id }) => id)

function keptOf(limits: Told[string]): number {
  const kept = limits !== null && typeof limits === 'object' && 'kept' in limits ? Number(limits.kept) : 0
  if (!(kept > 0 && kept <= MOST_KEPT)) throw new Unobservable(`it would take more than ${MOST_KEPT} messages`)
  return kept
}
