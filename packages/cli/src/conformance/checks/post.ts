/** One message by HTTP, and the lines that come of it: GW-19. */
import { toBase64url, WIRE_LIMITS } from '@amp-mesh/protocol'
import type { Check } from '../check.ts'
import { answerIsSound, isRecord, recordIsSound } from '../shape.ts'
import { FOUNDING_MS, idleQuestion, KIT, text } from '../stage.ts'
import { holds, same, Unobservable } from '../unmet.ts'

const NOWHERE = toBase64url(new Uint8Array(32).fill(0x3c))
const NDJSON = 'application/x-ndjson'

/** What is wrong, its code and its status. */
const REFUSED: readonly (readonly [status: number, code: string, body: object | string])[] = [
  [400, 'bad-message', '{"type":"broadcast"}'],
  [400, 'unknown-type', '{"type":"segment"}'],
  [403, 'not-allowed', { type: 'admit', pub: NOWHERE }],
  [404, 'unknown-space', { type: 'join', space: NOWHERE }],
  [410, 'stale', { type: 'resume', session: 'x'.repeat(22) }],
  [413, 'too-large', `"${'x'.repeat(WIRE_LIMITS.message)}"`],
]

export const POST: readonly Check[] = [
  {
    requirement: 'GW-19',
    title: 'a message is answered with status 200 and one line of JSON each',
    async run(visit) {
      const posting = visit.post({ type: 'ping', n: 5, id: 'p' })
      const { status, contentType } = await posting.head
      same('the status', 200, status)
      holds(`content-type ${NDJSON}`, contentType.startsWith(NDJSON), contentType)
      same(
        'the lines',
        [['pong', 5]],
        (await posting.all()).map(({ type, n }) => [type, n]),
      )
    },
  },
  {
    requirement: 'GW-19',
    title: 'a question is answered line by line, as it comes, until `done`',
    async run(visit) {
      const posting = visit.post({ type: 'broadcast', query: idleQuestion(), fresh: true, budgetMs: 15_000, from: KIT })
      const said = await posting.hears('said', {}, FOUNDING_MS)
      const space = text(said.space)
      // the answer is still under way while another client speaks in its space
      const guest = await visit.client()
      const offer = { type: 'capability_match', space, confidence: 1, offer: 'a guest', from: KIT, for: said.record }
      const { record } = await guest.asks(offer, 'said')
      await posting.hears('capability_match', { id: record })
      await guest.asks({ type: 'cancel', space, for: said.record }, 'said')
      const lines = await posting.all()
      const last = lines.at(-1)
      same('the last line', { type: 'done', space }, { type: last?.type, space: last?.space })
      for (const line of lines) isRecord(line) ? recordIsSound(line) : answerIsSound(line)
    },
  },
  {
    requirement: 'GW-19',
    title: '`join` is answered with the records there are, and `joined`',
    async run(visit) {
      const stage = await visit.stage()
      const lines = await visit.post({ type: 'join', space: stage.space }).all()
      const last = lines.at(-1)
      same('the last line', { type: 'joined', records: lines.length - 1 }, { type: last?.type, records: last?.records })
      same('the first line', stage.question, lines[0]?.id)
    },
  },
  {
    requirement: 'GW-19',
    title: 'a record is written, but names and spaces of other posts are not known',
    async run(visit) {
      const { space, question } = await visit.stage()
      const words = { type: 'concern', parent: question, content: 'posted', id: 'mine' }
      const written = await visit.post({ ...words, space }).all()
      same(
        'the lines',
        ['said'],
        written.map(({ type }) => type),
      )
      const without = visit.post({ ...words, content: 'without a space' })
      same('the status without a space', 404, (await without.head).status)
      const byName = visit.post({ ...words, space, parent: 'mine' })
      same('the status of a name from another post', 404, (await byName.head).status)
    },
  },
  ...REFUSED.map(
    ([status, code, body]) =>
      ({
        requirement: 'GW-19',
        title: `${code} has the status ${status}`,
        async run(visit) {
          const { space } = await visit.stage()
          const posting = visit.post(code === 'not-allowed' && typeof body === 'object' ? { ...body, space } : body)
          const head = await posting.head
          const [line] = await posting.all()
          same('status, type and code', [status, 'error', code], [head.status, line?.type, line?.code])
        },
      }) satisfies Check,
  ),
  {
    requirement: 'GW-19',
    title: 'busy has the status 429',
    async run() {
      throw new Unobservable('the kit does not exhaust a peer that may be at work')
    },
  },
]
