/** Who is let in, in which form, and how it is greeted: GW-1 to GW-4 and GW-18. */
import { GATEWAY_CLOSE } from '@amp-mesh/protocol'
import type { Check } from '../check.ts'
import type { Form } from '../client.ts'
import { answerIsSound } from '../shape.ts'
import { same } from '../unmet.ts'
import type { Visit } from '../visit.ts'

/** Any that is not the gateway's. */
const WRONG = 'wrong-token-of-the-conformance-kit'
const ELSEWHERE = 'conformance.example'
const FRAMES: Readonly<Record<Form, 'text' | 'binary'>> = { json: 'text', msgpack: 'binary' }

export const DOOR: readonly Check[] = [
  ...(['json', 'msgpack'] as const).map(form => ({
    requirement: 'GW-1',
    title: `amp.v1.${form} is chosen, and spoken in ${FRAMES[form]} frames`,
    async run(visit: Visit) {
      const client = await visit.client(form)
      same('the subprotocol chosen', `amp.v1.${form}`, client.protocol)
      await client.asks({ type: 'ping', n: 7 }, 'pong', { n: 7 })
      same('the kinds of frames', [FRAMES[form]], [...new Set(client.frames)])
    },
  })),
  {
    requirement: 'GW-1',
    title: 'without a subprotocol it is JSON',
    async run(visit) {
      const client = await visit.client('json', { protocols: [] })
      await client.asks({ type: 'ping', n: 8 }, 'pong', { n: 8 })
      same('the kinds of frames', ['text'], [...new Set(client.frames)])
    },
  },
  {
    requirement: 'GW-1',
    title: 'who offers only other versions is refused with 400',
    async run(visit) {
      const status = await visit.knock({ protocols: ['amp.v999.json'], headers: visit.authorization })
      same('the status', 400, status)
    },
  },
  {
    requirement: 'GW-2',
    title: 'the token is taken as Authorization and as subprotocol',
    async run(visit) {
      const protocols = ['amp.v1.json', `amp.token.${visit.target.token}`]
      same('the status with Authorization', 101, await visit.knock({ headers: visit.authorization }))
      same('the status with the subprotocol', 101, await visit.knock({ protocols }))
    },
  },
  {
    requirement: 'GW-2',
    title: 'without the token, or with another one, a connection is refused with 401',
    async run(visit) {
      const authorization = `Bearer ${WRONG}`
      const protocols = ['amp.v1.json', `amp.token.${WRONG}`]
      same('the status without a token', 401, await visit.knock({}))
      same('the status with a wrong Authorization', 401, await visit.knock({ headers: { authorization } }))
      same('the status with a wrong subprotocol', 401, await visit.knock({ protocols }))
    },
  },
  {
    requirement: 'GW-2',
    title: 'the token in the address is no token',
    async run(visit) {
      const url = new URL(visit.target.url)
      url.searchParams.set('token', visit.target.token)
      same('the status', 401, await visit.knock({ url }))
    },
  },
  {
    requirement: 'GW-2',
    title: 'a POST without the token, or with another one, is refused with 401',
    async run(visit) {
      const without = await visit.post({ type: 'ping' }, {}).head
      const wrong = await visit.post({ type: 'ping' }, { authorization: `Bearer ${WRONG}` }).head
      same('the statuses', [401, 401], [without.status, wrong.status])
    },
  },
  {
    requirement: 'GW-3',
    title: 'a page from elsewhere is refused with 403, the own one is not',
    async run(visit) {
      const { url } = visit.target
      const own = `${url.protocol === 'wss:' ? 'https' : 'http'}://${url.host}`
      const knock = (origin: string) => visit.knock({ headers: { ...visit.authorization, origin } })
      same('the status for the own Origin', 101, await knock(own))
      same('the status for another Origin', 403, await knock(`https://${ELSEWHERE}`))
      const posted = await visit.post({ type: 'ping' }, { ...visit.authorization, origin: `https://${ELSEWHERE}` }).head
      same('the status of a POST from another Origin', 403, posted.status)
    },
  },
  {
    requirement: 'GW-3',
    title: 'a name that is not the peer’s is refused with 421',
    async run(visit) {
      const headers = { ...visit.authorization, host: ELSEWHERE }
      same('the status of an upgrade', 421, await visit.knock({ headers }))
      same('the status of a POST', 421, (await visit.post({ type: 'ping' }, headers).head).status)
    },
  },
  ...(['json', 'msgpack'] as const).map(form => ({
    requirement: 'GW-4',
    title: `the first message is hello, in ${form}`,
    async run(visit: Visit) {
      const client = await visit.client(form)
      const [first = { type: 'nothing' }] = client.told
      same('the type of the first message', 'hello', first.type)
      answerIsSound(first)
    },
  })),
  ...(['json', 'msgpack'] as const).map(form => ({
    requirement: 'GW-18',
    title: `a frame of the other form ends a connection in ${form} with ${GATEWAY_CLOSE.wrongForm}`,
    async run(visit: Visit) {
      const client = await visit.client(form)
      client.send(form === 'json' ? Uint8Array.of(0x80) : '{"type":"ping"}')
      same('the close code', GATEWAY_CLOSE.wrongForm, await client.closed(GATEWAY_CLOSE.wrongForm))
    },
  })),
]
