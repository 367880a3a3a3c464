/** What a client says to agents directly, and under subjects: GW-21 and GW-22. */
import { randomUUID } from 'node:crypto'
import type { Check } from '../check.ts'
import { answerIsSound } from '../shape.ts'
import { text } from '../stage.ts'
import { same, Unobservable } from '../unmet.ts'

const UNKNOWN = { type: 'error', code: 'unknown-agent' }

export const AGENTS: readonly Check[] = [
  {
    requirement: 'GW-21',
    title: 'a request to an agent that is not there is `unknown-agent`',
    async run(visit) {
      const client = await visit.client()
      const peer = text((await client.greeted()).peer)
      const request = { type: 'request', to: `amp://${peer}/nobody-of-that-name`, message: 1, deadlineMs: 5_000 }
      const { type, code } = await client.asks(request, ['reply', 'error'])
      same('type and code', UNKNOWN, { type, code })
    },
  },
  {
    requirement: 'GW-21',
    title: 'so is one for a capability that nobody has',
    async run(visit) {
      const client = await visit.client()
      const to = { capability: `nothing that is called ${randomUUID()}`, minConfidence: 1 }
      const request = { type: 'request', to, message: 1, deadlineMs: 5_000 }
      const { type, code } = await client.asks(request, ['reply', 'error'])
      same('type and code', UNKNOWN, { type, code })
    },
  },
  {
    requirement: 'GW-21',
    title: 'receipts and replies of an agent',
    async run() {
      throw new Unobservable('a plain client is no agent that receives, and what those of a peer at work do is theirs')
    },
  },
  {
    requirement: 'GW-22',
    title: '`subscribe` sends what is published under subjects that fit, until `unsubscribe`',
    async run(visit) {
      const [hears, says] = [await visit.client(), await visit.client()]
      const topic = `conformance.${randomUUID()}`
      const publish = (subject: string, n: number) =>
        says.asks({ type: 'publish', subject, data: { n } }, ['published', 'error'])
      answerIsSound(await hears.asks({ type: 'subscribe', id: 'mine', subject: `${topic}.*` }, 'subscribed'))
      await publish(`${topic}.far.away`, 1)
      answerIsSound(await publish(`${topic}.near`, 2))
      const event = await hears.hears('event', { subject: `${topic}.near` })
      answerIsSound(event)
      same('its data', { n: 2 }, event.data)
      same(
        'the events for one subscription',
        [`${topic}.near`],
        hears.of('event').map(({ subject }) => subject),
      )
      answerIsSound(await hears.asks({ type: 'unsubscribe', subscription: 'mine' }, 'unsubscribed'))
      // another subscription tells when the third one has come
      await hears.asks({ type: 'subscribe', id: 'other', subject: `${topic}.>` }, 'subscribed')
      await publish(`${topic}.near`, 3)
      await hears.hears('event', { subject: `${topic}.near` })
      same('the events after `unsubscribe`', 2, hears.of('event').length)
    },
  },
  {
    requirement: 'GW-22',
    title: 'what is said in a space is not published',
    async run(visit) {
      const { space } = await visit.stage()
      const client = await visit.client()
      const forged = { type: 'publish', subject: `space.${space}.proposal`, data: {} }
      const { code } = await client.asks(forged, ['published', 'error'])
      same('the code', 'not-allowed', code)
    },
  },
]
