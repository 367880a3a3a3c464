/** Messages lent to a further tab, over a real port and two real peers: what passes, and what goes wrong there. */
import type { NodePeer } from '@amp-mesh/peer/node'
import { AmpError, agentIdOf, type Json } from '@amp-mesh/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { AttachedMessages } from '../../../../packages/peer/src/browser/attached-messages.ts'
import { inTurn } from '../../../../packages/peer/src/browser/in-turn.ts'
import { LentMessages } from '../../../../packages/peer/src/browser/lent-messages.ts'
import { Calls, type Handlers } from '../../../../packages/peer/src/calls.ts'
import type { Messages } from '../../../../packages/peer/src/messaging.ts'
import { until } from '../../../until.ts'
import { twoPeers } from '../delivery/two-peers.ts'

interface Tab {
  messages: AttachedMessages
  /** What its log says. */
  errors: string[]
  /** The peer notices that the tab is gone. */
  close(): void
}

/** A further tab of the peer: the two ends of a port stand for the two tabs. */
function tabOf(peer: NodePeer, shared: Messages = peer.messaging): Tab {
  const { port1, port2 } = new MessageChannel()
  const closed = new AbortController()
  const errors: string[] = []
  const late = (handlers: () => Handlers): Handlers => ({
    messages: (signal: AbortSignal, name: string, ...args: never[]) => handlers()[name]?.(signal, ...args),
  })
  const there = new Calls(
    port1,
    late(() => lent.handlers),
  )
  const here = new Calls(
    port2,
    late(() => messages.handlers),
  )
  const lent = new LentMessages(
    shared,
    (name, args, signal) => there.call('messages', [name, ...args], signal),
    closed.signal,
  )
  const space = (id: string) => peer.space(id)
  const messages = new AttachedMessages({
    call: (name, args, signal) => here.call('messages', [name, ...args], signal),
    space,
    fetchSpace: async id => {
      const found = space(id)
      if (found === undefined) throw new AmpError('no-such-space')
      return found
    },
    logger: { ...peer.logger, error: (_, fields) => void errors.push(String(fields?.error)) },
  })
  const close = () => {
    closed.abort()
    port1.close()
  }
  onTestFinished(close)
  return { messages, errors, close }
}

it('[G9.tab] letters from a further tab: by capability, refused, withdrawn, failed there', async () => {
  const { anna, ben, clerk } = await twoPeers()
  const { messages } = tabOf(anna)
  ben.receive('clerk', ({ message }) => {
    if (message === 'no') throw new AmpError('failed', 'not today')
    return { booked: message }
  })
  await ben.announce([
    { name: 'clerk', capabilities: [{ text: 'books hotel rooms' }], operator: '', model: '', state: 'ready' },
  ])
  await until('his card is here', () => anna.peers().some(({ agents }) => agents.length > 0))

  const receipt = messages.send({ capability: 'books hotel rooms' }, 'double')
  expect(await receipt.to).toEqual([clerk])
  expect(await receipt.done).toEqual({ booked: 'double' })
  expect(await Array.fromAsync(receipt)).toEqual(['queued', 'sent', 'stored', 'done'])
  await expect(messages.send(clerk, 'no').done).rejects.toMatchObject({ code: 'failed', message: 'not today' })
  await expect(messages.send(clerk, 'x'.repeat(300_000)).done).rejects.toMatchObject({ code: 'too-large' })
  await expect(messages.send(clerk, 'x', { key: 'not a key' }).done).rejects.toMatchObject({ code: 'bad-input' })
  await expect(messages.send({ capability: 'tames lions', minConfidence: 1 }, 'x').to).rejects.toMatchObject({
    code: 'no-agents',
  })
  const withdrawal = new AbortController()
  const nobody = agentIdOf('12D3KooWQfySTVL97CWpm1xYTjXyetFifR4iEUCq1ShQQ2QtzKEr', 'clerk')
  const withdrawn = messages.send(nobody, 'x', { signal: withdrawal.signal })
  await withdrawn.queued
  withdrawal.abort()
  await expect(withdrawn.done).rejects.toMatchObject({ code: 'stopped' })
  expect(withdrawn.state).toBe('failed')
})

it('[G9.tab] mail of a further tab’s agent: kept once, failed, and for the next when that tab goes', async () => {
  const { anna, ben, clerk } = await twoPeers()
  const { messages, errors, close } = tabOf(ben)
  const noted: Json[] = []
  const stop = messages.receive('clerk', async ({ message, from, keep, kept }) => {
    noted.push([message, from])
    const before = (await kept('all')) ?? []
    keep('all', [...(before as Json[]), message])
    if (message === 'bug') throw new Error('a secret')
    return before
  })
  expect(await anna.send(clerk, 1).done).toEqual([])
  await expect(anna.send(clerk, 'bug').done).rejects.toMatchObject({
    code: 'failed',
    message: expect.not.stringContaining('secret'),
  })
  expect(await anna.request(clerk, 2)).toEqual([1]) // what failed was not kept
  expect(noted).toEqual([1, 'bug', 2].map(message => [message, anna.identity.peerId]))

  expect(() => messages.receive('clerk', () => {})).toThrow('handler already')
  ben.receive('other', () => {})
  messages.receive('other', () => {})
  await until('who has the name of another is told', () => errors.some(error => error.includes('handler already')))

  stop()
  messages.receive('clerk', () => new Promise<undefined>(() => noted.push('stuck')))
  const waiting = anna.send(clerk, 3)
  await until('it is being handled', () => noted.includes('stuck'))
  close()
  await until('the name is free', () => {
    try {
      ben.receive('clerk', ({ kept }) => kept('all'))
      return true
    } catch {
      return false
    }
  })
  expect(await waiting.done).toEqual([1, 2])
})

it('[G9.tab] agents of one name in several tabs: one after another has it, as their tabs go', async () => {
  const { anna, ben, clerk } = await twoPeers()
  const shared = inTurn(ben.messaging)
  const tabs = [tabOf(ben, shared), tabOf(ben, shared)] as const
  const says = (where: string) => () => where
  tabs[0].messages.receive('clerk', says('first'))
  await until('it is there', () =>
    anna.request(clerk, '?').then(
      () => true,
      () => false,
    ),
  )
  const cancel = shared.receive('clerk', says('own'))
  tabs[1].messages.receive('clerk', says('second'))
  expect(await anna.send(clerk, 'x').done).toBe('first')
  tabs[0].close()
  const answers = (where: string) => async () => (await anna.send(clerk, 'x').done) === where
  await until('the next has the name', answers('own'))
  cancel()
  await until('the last has it', answers('second'))
  expect([...tabs[0].errors, ...tabs[1].errors]).toEqual([])
})

it('[G9.tab] a further tab hears subjects of mesh and space, and a channel ends there as well', async () => {
  const { anna, ben, clerk } = await twoPeers()
  const { messages } = tabOf(anna)
  const leave = new AbortController()
  const heard = Array.fromAsync(messages.subscribe('news.*', { signal: leave.signal }), ({ data }) => data)
  await until('what is published is heard', async () => {
    await messages.publish('news.weather', 'rain')
    return (await Array.fromAsync(soon(messages.subscribe('news.*', { last: 1 })))).length > 0
  })
  leave.abort()
  expect(new Set(await heard)).toEqual(new Set(['rain']))
  expect(() => messages.subscribe('news..')).toThrow()
  const { id } = await anna.createSpace({ name: 'plans', members: [] })
  await messages.publish(`space.${id}.gap`, { q: 'x', text: 'why?' })
  const [said] = await Array.fromAsync(soon(messages.subscribe(`space.${id}.*`, { last: 1 })))
  expect(said?.data).toMatchObject({ text: 'why?' })

  ben.onConnect('clerk', async direct => {
    for await (const message of direct) {
      await direct.send({ echo: message })
      if (message === 'bye') await direct.close()
    }
  })
  const direct = await messages.connect(clerk)
  const answers: Json[] = []
  await direct.send('hello')
  await direct.send('bye')
  for await (const answer of direct) answers.push(answer)
  expect(answers).toEqual([{ echo: 'hello' }, { echo: 'bye' }])
  await expect(messages.connect(clerk.replace('clerk', 'nobody'))).rejects.toMatchObject({ code: 'unknown-agent' })
})

/** The first of a stream. */
async function* soon<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const each of stream) {
    yield each
    return
  }
}
