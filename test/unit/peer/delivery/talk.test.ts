/** Agents of two real peers: over a channel, about a space, and as one of several that fit. */
import { hostAgents } from '@amp-mesh/agents'
import { agentIdOf, identityFromSeed, type Json } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import type { Direct } from '../../../../packages/peer/src/delivery/direct.ts'
import { sendToOneOf } from '../../../../packages/peer/src/delivery/one-of.ts'
import { until } from '../../../until.ts'
import { twoPeers } from './two-peers.ts'

it('[G9.direct] two agents speak over a channel of their own, both ways, until one closes it', async () => {
  const { anna, ben, clerk } = await twoPeers()
  ben.onConnect('clerk', async direct => {
    for await (const said of direct) await direct.send(['you said', said])
    await direct.close()
  })
  const direct = await anna.connect(clerk, { as: 'asker' })
  await direct.send('my proposal')
  const heard: Json[] = []
  for await (const said of direct) {
    heard.push(said)
    if (heard.length === 1) await direct.send('and more')
    else break
  }
  expect(heard).toEqual([
    ['you said', 'my proposal'],
    ['you said', 'and more'],
  ])
  await direct.close()
  await expect(anna.connect(clerk.replace('clerk', 'nobody'))).rejects.toMatchObject({ code: 'unknown-agent' })
})

it('[G9.direct] who does not read slows down who speaks', async () => {
  const { anna, ben, clerk } = await twoPeers()
  let channel: Direct | undefined
  ben.onConnect('clerk', direct => {
    channel = direct
  })
  const direct = await anna.connect(clerk)
  const page = 'x'.repeat(100_000)
  let sent = 0
  const enough = 400
  const speaking = (async () => {
    for (; sent < enough; sent++) await direct.send([sent, page])
  })()
  let before = 0
  let looks = 0
  await until('the speaker waits', () => {
    looks = sent === before ? looks + 1 : 0
    before = sent
    return sent > 64 && looks > 20
  })
  expect(sent).toBeLessThan(enough)
  let heard = 0
  for await (const said of channel as Direct) {
    expect((said as Json[])[0]).toBe(heard)
    if (++heard === enough) break
  }
  await speaking
})

it('[G9.context] a message about a space is handled when its receiver holds what the sender held', async () => {
  const { anna, ben, clerk } = await twoPeers()
  const space = await anna.createSpace({ name: 'plans', members: [ben.identity.peerId] })
  const seen: number[] = []
  ben.receive('clerk', ({ space: about }) => {
    const facts = about?.replica.records.of('fact') ?? []
    seen.push(facts.length)
    return facts.map(({ op }) => op.o)
  })
  // ben does not carry the space yet: he says so, and other messages pass
  const parked = anna.send(clerk, 'what do we know?', { space: space.id })
  expect(await anna.send(clerk, 'anything else?').done).toEqual([])
  await expect(parked.done).rejects.toMatchObject({ code: 'missing-context' })
  // the commons both carry: what was said last is there when the message is handled
  await anna.publish(`space.${anna.commons.id}.fact`, { s: 'sky', p: 'is', o: 'blue' })
  expect(await anna.send(clerk, 'and now?', { space: anna.commons.id }).done).toEqual(['blue'])
  expect(await anna.request(clerk, 'and now?', { space: anna.commons.id })).toEqual(['blue'])
})

it('[G9.group] a message to whoever can do it goes to one, and to another when that cannot be reached', async () => {
  const { anna, ben } = await twoPeers()
  const heard: Json[] = []
  const clerk = {
    name: 'clerk',
    capabilities: [{ text: 'translates French legal contracts into English' }],
    contribute: async () => {},
    receive: ({ message }: { message: Json }) => {
      heard.push(message)
      return 'translated'
    },
  }
  await hostAgents(ben, [clerk])
  const to = { capability: 'translate a French contract', limit: 1 }
  const agent = agentIdOf(ben.identity.peerId, 'clerk')
  await until('anna knows the clerk', async () => {
    for await (const candidate of anna.find(to.capability)) if (candidate.agent === agent) return true
    return false
  })
  const receipt = anna.send(to, 'un contrat')
  expect(await receipt.done).toBe('translated')
  expect(await receipt.to).toEqual([agent])
  expect(await anna.request(to, 'un autre')).toBe('translated')

  const nobody = agentIdOf(identityFromSeed(new Uint8Array(32).fill(9)).peerId, 'clerk')
  const send = (each: string, signal: AbortSignal) => anna.send(each, 'to one of two', { signal })
  const second = await sendToOneOf([nobody, agent], send, anna.clock)
  expect(await second.done).toBe('translated')
  expect(await second.to).toEqual([agent])
  expect(heard).toEqual(['un contrat', 'un autre', 'to one of two'])
  await expect(anna.send({ capability: 'zzz qqq xxx', minConfidence: 0.99 }, 'x').done).rejects.toMatchObject({
    code: 'no-agents',
  })
})
