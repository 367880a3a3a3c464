/** Messages between agents of two real peers: delivered, answered, once; over restarts of the receiver. */
import { AmpError, type Json } from '@amp-mesh/protocol'
import { expect, it } from 'vitest'
import { twoPeers } from './two-peers.ts'

it('[G9.receipt] a message is queued, sent, stored and done, and its answer comes back', async () => {
  const { anna, ben, clerk } = await twoPeers()
  ben.receive('clerk', ({ message, from, agent }) => ({ heard: message, from, agent: agent ?? null }))
  const receipt = anna.send(clerk, { n: 1 }, { as: 'asker' })
  const states: string[] = []
  for await (const state of receipt) states.push(state)
  expect(states).toEqual(['queued', 'sent', 'stored', 'done'])
  const from = anna.identity.peerId
  expect(await receipt.done).toEqual({ heard: { n: 1 }, from, agent: `amp://${from}/asker` })
})

it('a hundred messages arrive in order, with a window of commits and acks', async () => {
  const { anna, ben, clerk } = await twoPeers()
  const heard: Json[] = []
  ben.receive('clerk', ({ message }) => void heard.push(message))
  const receipts = Array.from({ length: 100 }, (_, n) => anna.send(clerk, n))
  await Promise.all(receipts.map(({ done }) => done))
  expect(heard).toEqual(Array.from({ length: 100 }, (_, n) => n))
})

it('a request is answered, refused or missed with a code', async () => {
  const { anna, ben, clerk } = await twoPeers()
  ben.receive('clerk', ({ message }) => {
    if (message === 'no') throw new AmpError('busy', 'come back later')
    return [message, 'yes']
  })
  expect(await anna.request(clerk, 'may I?')).toEqual(['may I?', 'yes'])
  await expect(anna.request(clerk, 'no')).rejects.toMatchObject({ code: 'busy', message: 'come back later' })
  const nobody = clerk.replace('clerk', 'nobody')
  await expect(anna.request(nobody, 'hello?')).rejects.toMatchObject({ code: 'unknown-agent' })
})

it('[G9.once] what came before a restart is handled after it, once, and its sender is told', async () => {
  const peers = await twoPeers()
  const first = peers.anna.send(peers.clerk, 'before', { key: 'order-1' })
  await first.stored
  const ben = await peers.restartBen()
  const heard: Json[] = []
  ben.receive('clerk', ({ message, key }) => {
    heard.push([message, key])
    return 'noted'
  })
  expect(await first.done).toBe('noted')
  // the same order again: the first one counts
  expect(await peers.anna.send(peers.clerk, 'again', { key: 'order-1' }).done).toBe('noted')
  expect(heard).toEqual([['before', 'order-1']])
})

it('what a handler left undone, and what waits behind it, is for the next who receives', async () => {
  const { anna, ben, clerk } = await twoPeers()
  const begun = Promise.withResolvers<void>()
  const stop = ben.receive('clerk', () => {
    begun.resolve()
    return new Promise<undefined>(() => {})
  })
  const letters = ['stuck', 'of its key', 'behind'].map((message, n) =>
    anna.send(clerk, message, n < 2 ? { key: 'same' } : {}),
  )
  await begun.promise
  await Promise.all(letters.map(({ stored }) => stored))
  const asked = anna.request(clerk, 'behind as well')
  ben.receive('usher', () => 'it has come')
  await anna.request(clerk.replace('clerk', 'usher'), 'has it come?')
  stop()
  await expect(asked).rejects.toMatchObject({ code: 'unknown-agent' })
  const heard: Json[] = []
  ben.receive('clerk', ({ message }) => {
    heard.push(message)
    return message
  })
  expect(await Promise.all(letters.map(({ done }) => done))).toEqual(['stuck', 'stuck', 'behind'])
  expect(heard).toEqual(['stuck', 'behind'])
})

it('a message that nobody handles in time expires, and is not handled later', async () => {
  const { anna, ben, clerk } = await twoPeers()
  const receipt = anna.send(clerk, 'too late', { deadline: 300 })
  await expect(receipt.done).rejects.toMatchObject({ code: 'expired' })
  expect(receipt.state).toBe('expired')
  const heard: Json[] = []
  ben.receive('clerk', ({ message }) => void heard.push(message))
  await anna.send(clerk, 'in time').done
  expect(heard).toEqual(['in time'])
})

it('agents of one peer reach each other', async () => {
  const { ben, clerk } = await twoPeers()
  ben.receive('clerk', ({ message }) => message as Json)
  expect(await ben.send(clerk, 'to myself').done).toBe('to myself')
  expect(await ben.request(clerk, 'to myself')).toBe('to myself')
})
