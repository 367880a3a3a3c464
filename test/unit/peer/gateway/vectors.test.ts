/** The golden vectors of the gateway against its session, which reads what plain clients say. */
import { describe, expect, it } from 'vitest'
import { decodeBody } from '../../../../packages/peer/src/gateway/form.ts'
import { Session } from '../../../../packages/peer/src/gateway/session.ts'
import { bytesOf, type Input, readVectors } from '../../protocol/vectors.ts'

interface GatewayVector extends Input {
  form: 'json' | 'msgpack'
}

const { accept, reject } = readVectors<{
  accept: (GatewayVector & { answer: { type: string } })[]
  reject: (GatewayVector & { code: string })[]
}>('gateway.json')

/** By the type of the answer, what was said. */
const SAID: Readonly<Record<string, string>> = {
  pong: 'ping',
  found: 'find',
  listening: 'listen',
  subscribed: 'subscribe',
  unsubscribed: 'unsubscribe',
  published: 'publish',
}

describe('the gateway', () => {
  it.each(accept)('[GW-1] takes, in $form: $description', ({ form, answer, ...vector }) => {
    const heard = new Session('secret', form).hear(bytesOf(vector), 5_000)
    if (!('said' in heard)) throw heard.error
    const { said } = heard
    if (said.kind === 'request') expect(said.request.type).toBe(SAID[answer.type])
    else expect(said.op.k).toBe(decodeBody(form, bytesOf(vector)).type)
  })

  it.each(reject)('[GW-12] refuses, in $form: $description', ({ form, code, ...vector }) => {
    const heard = new Session('secret', form).hear(bytesOf(vector), 5_000)
    expect(heard).toMatchObject({ error: { code } })
  })
})
