/** A stranger tries every door of a closed mesh's peer: nothing is read, nothing written, nobody named. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer, invite, NodePeer, nodeParts } from '@amp-mesh/peer/node'
import {
  CERTIFICATE,
  type Certificate,
  decodeMessage,
  encodeFrames,
  encodeMessage,
  type Identity,
  identityFromSeed,
  type Message,
  meshLabel,
  readTicket,
  redemptionOf,
  type Signed,
  signDocument,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { MessageStream } from '@libp2p/interface'
import { select } from '@libp2p/multistream-select'
import { multiaddr } from '@multiformats/multiaddr'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { plainNode } from '../unit/peer/network/plain-network.ts'
import { until } from '../until.ts'
import { knock } from './door-knocker.ts'

const SEED = new Uint8Array(32).fill(66)
const stranger = identityFromSeed(SEED)

let folder: string
let ada: NodePeer
let bob: NodePeer
let network: Awaited<ReturnType<typeof nodeParts>>['network']
let address: string
/** What bob shows: seen by whoever he ever connected to. */
let shownByBob: Signed[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amp-stranger-'))
  const [home, away] = [join(folder, 'home'), join(folder, 'away')]
  const parts = await nodeParts({ name: 'ada', mesh: 'club', dataDir: home, closed: true })
  ada = new NodePeer(parts)
  await ada.start()
  network = parts.network
  address = ada.addresses()[0] ?? ''
  const { text } = await invite({ mesh: 'club', dataDir: home })
  bob = await createPeer({ name: 'bob', dataDir: away, invitation: text, join: [address] })
  await until('ada and bob know each other', () => ada.peers().some(({ state }) => state === 'reachable'))
  const again = await nodeParts({ name: 'bob-again', mesh: 'club', dataDir: away })
  shownByBob = (await again.membership?.certificates()) ?? []
  await again.close()
}, 120_000)

afterAll(async () => {
  await Promise.all([ada?.stop(), bob?.stop()])
  await rm(folder, { recursive: true, force: true })
})

const admit = () => `/amp-mesh/${meshLabel(ada.mesh.id)}/admit/1.0.0`
const strangersKey = () => generateKeyPairFromSeed('Ed25519', SEED)
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** What would tell who is in the mesh. */
function namesOfMembers(): string[] {
  const raw = (peer: NodePeer) => text(Buffer.from(peer.identity.publicKey, 'base64url'))
  return [ada, bob].flatMap(peer => [peer.identity.peerId, peer.identity.publicKey, raw(peer), ...peer.addresses()])
}

const tellsNobody = (bytes: Uint8Array) => {
  const heard = text(bytes)
  for (const name of namesOfMembers()) expect(heard).not.toContain(name)
}

/** Says `words` after the door's protocol was chosen, and returns what is answered until the connection ends. */
async function saidAtDoor(words: Uint8Array): Promise<Uint8Array> {
  const chosen = Promise.withResolvers<number>()
  let length = 0
  const { bytes } = await knock(
    address,
    async (connection, signal) => {
      connection.addEventListener('message', ({ data }) => {
        length += data.byteLength
      })
      await select(connection, admit(), { signal })
      chosen.resolve(length)
      const over = once(connection as MessageStream & EventTarget, 'close', { signal })
      connection.send(words)
      await over
    },
    await strangersKey(),
  )
  return bytes.subarray(await chosen.promise)
}

const asked = async (admission: Partial<Message<'admission'>>): Promise<Message> => {
  const message: Message = { type: 'admission', certificates: [], held: [], lists: [], ...admission }
  const answer = await saidAtDoor(encodeFrames([encodeMessage(message)]))
  tellsNobody(answer)
  return decodeMessage(answer.subarray(4), { maxBytes: WIRE_LIMITS.message })
}

const certificate = (by: Identity, more: Partial<Certificate>): Promise<Signed> => {
  const { publicKey } = stranger
  const [from, until] = [0, Date.now() + 3_600_000]
  const body: Certificate = {
    ...{
      v: 1,
      mesh: ada.mesh.id,
      by: by.publicKey,
      key: publicKey,
      right: 'peer',
      from,
      until,
      serial: 'A'.repeat(22),
    },
    ...more,
  }
  return signDocument(CERTIFICATE, body, by)
}

describe('[G10.stranger] to a stranger a closed mesh', () => {
  it('opens no stream: there is a muxer for members only', async () => {
    const node = await plainNode()
    const refused = await node.dial(multiaddr(address)).catch(error => String(error))
    expect(refused).toContain('could not negotiate')
    expect(node.getConnections()).toEqual([])
    await node.stop()
    expect(network.peers()).toEqual([bob.identity.peerId])
  })

  it('answers "na" to each of its protocols, one by one', async () => {
    const protocols = network.node.getProtocols()
    const parts = ['/amp/', '/sync/', '/card/', '/index/', '/kad/', 'meshsub', '/id/', 'ping', '/hop', 'hello']
    expect(parts.filter(part => !protocols.some(name => name.includes(part)))).toEqual([])
    const { bytes } = await knock(address, async (connection, signal) => {
      for (const protocol of [...protocols, '/yamux/1.0.0', '/mplex/6.7.0', '/noise'])
        await expect(select(connection, protocol, { signal })).rejects.toThrow('could not negotiate')
    })
    expect(new Set(text(bytes).match(/[ -~]{2,}/g))).toEqual(new Set(['/multistream/1.0.0', 'na']))
  })

  it('names one protocol when asked for all: its door', async () => {
    const { bytes } = await knock(address, async (connection, signal) => {
      await expect(select(connection, 'ls', { signal })).rejects.toThrow()
    })
    expect(text(bytes).match(/\/[ -~]+/g)).toEqual(['/multistream/1.0.0', admit()])
    tellsNobody(bytes)
  })

  it.each<[string, () => Promise<Partial<Message<'admission'>>>]>([
    ['no certificate', async () => ({})],
    ['the certificates of a member, which are another’s', async () => ({ certificates: shownByBob })],
    [
      'a member’s, and one of its own behind',
      async () => ({ certificates: [...shownByBob, await certificate(stranger, {})] }),
    ],
    ['one it signed itself', async () => ({ certificates: [await certificate(stranger, { right: 'mesh' })] })],
    [
      'one in the name of the mesh’s key',
      async () => ({ certificates: [await certificate(stranger, { by: ada.mesh.file.key })] }),
    ],
  ])('does not let in who shows %s', async (_, shown) => {
    expect(await asked(await shown())).toMatchObject({
      type: 'error',
      code: expect.stringMatching(/not-allowed|bad-message/),
    })
    expect(network.peers()).toEqual([bob.identity.peerId])
  })

  it('does not redeem an invitation without its secret, for another’s peer, or of another mesh', async () => {
    const other = join(folder, 'other')
    const eve = await nodeParts({ name: 'eve', mesh: 'club', dataDir: other, closed: true })
    await eve.close()
    const foreign = readTicket((await invite({ mesh: 'club', dataDir: other })).text)
    const named = readTicket(
      (await invite({ mesh: 'club', dataDir: join(folder, 'home'), for: bob.identity.peerId })).text,
    )
    const { secret: _, ...blank } = readTicket((await invite({ mesh: 'club', dataDir: join(folder, 'home') })).text)
    const proof = new Uint8Array(64)
    const [certificates, member] = [[await certificate(stranger, {})], stranger.publicKey]
    for (const invitation of [
      await redemptionOf(foreign, member, stranger),
      { ...named.invitation, member, proof },
      { ...blank.invitation, member, proof: await stranger.sign(new Uint8Array(32)) },
    ])
      expect(await asked({ certificates, invitation })).toMatchObject({ type: 'error' })
    await expect(redemptionOf(named, member, stranger)).rejects.toMatchObject({ code: 'not-allowed' })
  })

  it.each([
    ['a frame of 4 GiB', Uint8Array.of(255, 255, 255, 255, 1)],
    ['a frame of nothing', Uint8Array.of(0, 0, 0, 0)],
    ['words that are no message', encodeFrames([Uint8Array.of(0xc1, 1, 2, 3)])],
    ['a message that has no business there', encodeFrames([encodeMessage({ type: 'ping', n: 1 })])],
  ])('cuts the line at %s', async (_, words) => {
    tellsNobody(await saidAtDoor(words))
    expect(network.peers()).toEqual([bob.identity.peerId])
  })

  it('says nothing at the doors for people and programs without its token', async () => {
    const origin = address.replace(/^\/ip4\/([^/]+)\/tcp\/(\d+).*$/, 'http://$1:$2')
    const body = JSON.stringify({ type: 'broadcast', query: 'who is there?' })
    const answers = await Promise.all([
      fetch(`${origin}/amp/mesh`, { method: 'POST', body, headers: { 'content-type': 'application/json' } }),
      ...['/metrics', '/store', '/private/spaces', '/healthz', '/amp/mesh'].map(path => fetch(origin + path)),
    ])
    for (const answer of answers) tellsNobody(new Uint8Array(await answer.arrayBuffer()))
    for (const path of ['/amp/mesh', `/context/${ada.commons.id}/graph`, `/context/${ada.commons.id}/outbox`]) {
      const socket = new WebSocket(origin.replace('http', 'ws') + path, ['amp.v1.json', 'amp.token.guess'])
      const [error] = await once(socket, 'error')
      expect(String(error)).toContain('401')
    }
    expect(ada.spaces()).toEqual([])
  })
})
