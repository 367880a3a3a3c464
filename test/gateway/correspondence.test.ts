/** Plain clients that write to agents directly, and hear what is published under subjects. */
import type { NodePeer } from '@amp-mesh/peer/node'
import { AmpError, type Json } from '@amp-mesh/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PlainClient } from './client.ts'
import { type Travel, travel } from './travel.ts'

let mesh: Travel
const clients: PlainClient[] = []
const client = (peer: NodePeer = mesh.desk) => {
  const made = new PlainClient(peer)
  clients.push(made)
  return made.opened()
}
beforeAll(async () => {
  mesh = await travel()
})
afterEach(() => {
  for (const each of clients.splice(0)) each.socket.terminate()
})
afterAll(() => mesh?.close())

describe('a plain client', () => {
  it('[GW-21] sends to whoever fits, follows the receipt, and gets the answer', async () => {
    const heard: [Json, string | undefined][] = []
    const stop = mesh.office.receive('hotels', ({ message, agent }) => {
      heard.push([message, agent])
      return { room: 7 }
    })
    const plain = await client()
    const to = { capability: 'book hotel rooms', minConfidence: 0.1 }
    plain.say({ type: 'send', to, message: { nights: 2 }, id: 'book', from: 'Front Desk' })
    const done = await plain.hears('receipt', { re: 'book', state: 'done' })
    stop()
    expect(done).toMatchObject({ to: [`amp://${mesh.office.identity.peerId}/hotels`], answer: { room: 7 } })
    expect(plain.of('receipt').map(({ state }) => state)).toEqual(['queued', 'sent', 'stored', 'done'])
    expect(heard).toEqual([[{ nights: 2 }, `amp://${mesh.desk.identity.peerId}/guest-front-desk`]])
  })

  it('[GW-21] asks an agent, and is told why when there is no answer', async () => {
    const stop = mesh.office.receive('flights', ({ message }) => {
      if (message === 'Mars') throw new AmpError('failed', 'no flights there')
      return `to ${message}`
    })
    const plain = await client()
    const to = `amp://${mesh.office.identity.peerId}/flights`
    plain.say({ type: 'request', to, message: 'Rome' })
    expect(await plain.hears('reply', { re: '1' })).toMatchObject({ answer: 'to Rome' })
    plain.say({ type: 'request', to, message: 'Mars' })
    expect(await plain.hears('error', { re: '2' })).toMatchObject({ code: 'failed', message: 'no flights there' })
    plain.say({ type: 'request', to: { capability: 'tame a unicorn', minConfidence: 1 }, message: 1 })
    expect(await plain.hears('error', { re: '3' })).toMatchObject({ code: 'unknown-agent' })
    plain.say({ type: 'send', to: 'hotels', message: 1 })
    expect(await plain.hears('error', { re: '4' })).toMatchObject({ code: 'bad-message' })
    stop()
  })

  it('[GW-22] publishes, and hears what is published on other peers, until it has enough', async () => {
    const [here, there] = [await client(), await client(mesh.office)]
    there.say({ type: 'subscribe', subject: 'news.>', id: 'news' })
    await there.hears('subscribed')
    here.say({ type: 'publish', subject: 'news.weather.nyc', data: { sun: true }, from: 'station' })
    await here.hears('published')
    const event = await there.hears('event', { subject: 'news.weather.nyc' })
    const from = `amp://${mesh.desk.identity.peerId}/guest-station`
    expect(event).toMatchObject({ re: 'news', data: { sun: true }, from })
    there.say({ type: 'unsubscribe', subscription: 'news' })
    await there.hears('unsubscribed')
    here.say({ type: 'publish', subject: `space.${mesh.desk.commons.id}.admit`, data: {}, id: 'forged' })
    expect(await here.hears('error', { re: 'forged' })).toMatchObject({ code: 'not-allowed' })
    here.say({ type: 'subscribe', subject: 'a..b', id: 'odd' })
    expect(await here.hears('error', { re: 'odd' })).toMatchObject({ code: 'bad-message' })
  })
})
