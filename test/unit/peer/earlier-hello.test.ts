/** The first words of a peer of the version before, byte for byte, and of versions with nothing in common with us. */
import {
  decodeMessage,
  encodeFrames,
  encodeMessage,
  FrameReader,
  identityFromSeed,
  type Message,
  type PeerId,
  type Stream,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { askMesh, helloOf, knownMesh } from '../../../packages/peer/src/hello.ts'
import { Links } from '../../../packages/peer/src/links.ts'
import { type MemoryNetwork, MemorySwitchboard } from '../../../packages/peer/src/memory-network.ts'
import { HELLO_PROTOCOL, wireNames } from '../../../packages/peer/src/protocols.ts'
import { SimulatedClock } from './simulated-clock.ts'

const MESH = `${'m'.repeat(42)}A`
const [old, ada] = [1, 2].map(n => identityFromSeed(new Uint8Array(32).fill(n)).peerId) as [PeerId, PeerId]
/** As commit 273b2e2 says them, in the mesh above; it opens the streams, since its id is the smaller one. */
const BEFORE = {
  hello:
    '0000005584a474797065a568656c6c6fa870726f746f636f6ca3312e30a8666561747572657390a46d657368d92b' +
    '6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d41',
  ping: '0000000e82a474797065a470696e67a16e07',
}
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

interface Meeting {
  readonly up: PeerId[]
  readonly refused: string[]
  readonly earlier: MemoryNetwork
}

async function meet(): Promise<Meeting> {
  const board = new MemorySwitchboard()
  const [earlier, network] = [board.network(old), board.network(ada)]
  const [up, refused]: [PeerId[], string[]] = [[], []]
  const nothing = () => {}
  const links = new Links({
    ...{ network, names: wireNames(MESH), mesh: MESH, clock: new SimulatedClock() },
    ...{ onMessage: nothing, onSent: nothing, onDown: nothing, onReachability: nothing },
    onUp: peer => up.push(peer),
    onRefused: (_peer, code) => refused.push(code),
  })
  await Promise.all([earlier.start(), network.start()])
  onTestFinished(async () => {
    await links.stop()
    await Promise.all([earlier.stop(), network.stop()])
  })
  await earlier.connect(`/memory/${ada}`)
  return { up, refused, earlier }
}

/** What comes back on a stream, as messages, until one is as wanted or the stream ends. */
async function heard(stream: Stream, isLast: (message: Message) => boolean): Promise<Message[]> {
  const reader = new FrameReader(WIRE_LIMITS.message)
  const messages: Message[] = []
  for await (const chunk of stream.incoming())
    for (const body of reader.push(chunk)) {
      messages.push(decodeMessage(body, { maxBytes: WIRE_LIMITS.message }))
      if (isLast(messages.at(-1) as Message)) return messages
    }
  return messages
}

describe('a peer of the version before', () => {
  it('is linked by its own words, and answered', async () => {
    const { up, refused, earlier } = await meet()
    const { amp, sync } = wireNames(MESH)
    const streams = [await earlier.open(ada, amp), await earlier.open(ada, sync)] as const
    for (const stream of streams) stream.send(bytes(BEFORE.hello))
    streams[0].send(bytes(BEFORE.ping))
    const said = await heard(streams[0], ({ type }) => type === 'pong')
    expect(said[0]).toMatchObject({ type: 'hello', mesh: MESH, protocol: expect.stringMatching(/^1\./) })
    expect(said.at(-1)).toEqual({ type: 'pong', n: 7 })
    expect([up, refused]).toEqual([[old], []])
  })
})

describe('a peer of a version with nothing in common', () => {
  const later = (): Message<'hello'> => ({ ...helloOf(MESH), protocol: '2.0' })

  it('is told so on a stream, and we say why we part', async () => {
    const { up, refused, earlier } = await meet()
    const stream = await earlier.open(ada, wireNames(MESH).amp)
    stream.send(encodeFrames([encodeMessage(later())]))
    const said = await heard(stream, ({ type }) => type === 'error')
    expect(said.at(-1)).toMatchObject({ type: 'error', code: 'wrong-protocol' })
    expect([up, refused]).toEqual([[], ['wrong-protocol']])
  })

  it('is named, with both versions, to who would join it', async () => {
    const board = new MemorySwitchboard()
    const [newer, joining] = [board.network(old), board.network(ada)]
    await Promise.all([newer.start(), joining.start()])
    onTestFinished(async () => void (await Promise.all([newer.stop(), joining.stop()])))
    const { publicKey } = identityFromSeed(new Uint8Array(32))
    const mesh = knownMesh({ v: 1, name: 'home', key: publicKey, verifiers: [publicKey], limits: {} })
    newer.handle(HELLO_PROTOCOL, 2, stream => {
      stream.send(encodeFrames([encodeMessage({ ...later(), mesh: mesh.id, meshFile: mesh.bytes })]))
    })
    await joining.connect(`/memory/${old}`)
    await expect(askMesh(joining, new SimulatedClock(), old)).rejects.toMatchObject({
      code: 'wrong-protocol',
      message: expect.stringMatching(/2\.0.*1\.\d.*update/),
    })
  })
})
