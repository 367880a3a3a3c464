/** RELIABILITY.md F1-F3, F7, F8: what one stranger does to plain libp2p, and no longer does to us. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { FrontServer, Keeper, type NodeNetwork, systemClock, systemRandom } from '@amp-mesh/peer/node'
import { KEEP_ALIVE, type Listener } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import { hardenedWebSockets } from '../../../../packages/peer/src/network/hardened-web-sockets.ts'
import { createNode } from '../../../../packages/peer/src/network/libp2p-node.ts'
import { behindFront, HIDDEN_ADDRESS } from '../../../../packages/peer/src/node/front-listener.ts'
import { openWebSocket as openSocketToPeer } from '../../../../packages/peer/src/node/web-socket-dialer.ts'
import { eventually } from '../../../until.ts'
import { type PlainNode, plainNode } from './plain-network.ts'
import { BROKEN_FRAMES, frameHeader, isOver, openSocket, openWebSocket, portOf } from './stranger.ts'
import { addressOf, silent, testNetwork } from './test-network.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map(cleanup => cleanup()))
})

async function hardened(init: Parameters<typeof testNetwork>[0] = {}): Promise<NodeNetwork> {
  const network = await testNetwork(init)
  await network.start()
  cleanups.push(() => network.stop())
  return network
}

async function plain(options: Parameters<typeof plainNode>[0] = {}): Promise<PlainNode> {
  const node = await plainNode(options)
  cleanups.push(() => node.stop())
  return node
}

const plainAddress = (node: PlainNode) => {
  const [address] = node.getMultiaddrs()
  if (address === undefined) throw new Error('the node does not listen')
  return address
}

describe('[G4.frames] F1: a malformed WebSocket frame before any handshake of ours', () => {
  it('ends a plain libp2p process, and not ours', async () => {
    const [weak, strong] = await Promise.all([victim('plain'), victim('hardened')])
    for (const frame of Object.values(BROKEN_FRAMES)) {
      const socket = await openWebSocket(portOf(strong.address))
      socket.write(frame)
      await eventually(() => isOver(socket))
    }
    const socket = await openWebSocket(portOf(weak.address))
    socket.write(BROKEN_FRAMES['no mask'] as Uint8Array)
    await eventually(() => weak.process.exitCode !== null)
    expect(weak.process.exitCode).toBe(1)

    const honest = await hardened()
    await honest.connect(strong.address)
    expect(strong.process.exitCode).toBeNull()
  })

  async function victim(kind: 'plain' | 'hardened'): Promise<{ process: ChildProcess; address: string }> {
    const child = spawn(process.execPath, [fileURLToPath(new URL('victim.ts', import.meta.url)), kind], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    cleanups.push(() => child.kill('SIGKILL'))
    const [line] = await once(child.stdout, 'data')
    return { process: child, address: String(line).trim() }
  }
})

describe('[G4.sockets] F2: an aborted connection', () => {
  const sockets = () => process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length

  it.each(['dialler', 'listener'] as const)(
    'leaves its sockets open in plain libp2p, and none in ours (%s)',
    async who => {
      await eventually(() => sockets() === 0) // those of other tests
      const [a, b] = [await plain(), await plain()]
      const [c, d] = [await hardened(), await hardened()]
      const before = sockets()
      await a.dial(plainAddress(b))
      await eventually(() => b.getConnections().length === 1)
      for (const connection of (who === 'dialler' ? a : b).getConnections()) connection.abort(new Error('test'))

      await c.connect(addressOf(d))
      await eventually(() => d.peers().length === 1)
      expect(sockets()).toBe(before + 4)
      for (const connection of (who === 'dialler' ? c : d).node.getConnections()) connection.abort(new Error('test'))
      await eventually(() => c.peers().length === 0 && d.peers().length === 0)
      await eventually(() => sockets() <= before + 2)
      expect(sockets()).toBe(before + 2) // the two of plain libp2p are still there
    },
  )
})

describe('[G6.reconnect] F3: a peer that was gone for a while', () => {
  it('fails a plain dial with something that is no Error, and ours with words', async () => {
    const gone = await hardened()
    const address = addressOf(gone)
    await gone.stop()
    const transportError = await (await plain()).dial(multiaddr(address)).catch(error => error)
    const causes = transportError instanceof AggregateError ? transportError.errors : [transportError]
    expect(causes.some(cause => !(cause instanceof Error))).toBe(true)
    await expect((await hardened()).connect(address)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('is given up by plain libp2p at the first refusal, and found again by the keeper', async () => {
    const seed = systemRandom.bytes(32)
    const hub = await testNetwork({ seed })
    await hub.start()
    const address = addressOf(hub)

    const forgetful = await plain()
    const connection = await forgetful.dial(multiaddr(address))
    await forgetful.peerStore.merge(connection.remotePeer, { tags: { [`${KEEP_ALIVE}-hub`]: { value: 100 } } })
    let gaveUp = false
    forgetful.addEventListener('peer:reconnect-failure', () => {
      gaveUp = true
    })

    const faithful = await hardened()
    const ending = new AbortController()
    const keeper = new Keeper({
      network: faithful,
      bootstrap: () => [address],
      clock: systemClock,
      random: systemRandom,
      logger: silent,
    })
    const working = keeper.run(ending.signal)
    await eventually(() => faithful.peers().length === 1)

    await hub.stop()
    await eventually(() => gaveUp && faithful.peers().length === 0)
    const again = await testNetwork({ seed, port: portOf(address) })
    await again.start()
    cleanups.push(() => again.stop())
    await eventually(() => faithful.peers().includes(again.self))
    expect(forgetful.getPeers()).toEqual([])
    ending.abort()
    await working
  })
})

describe('[G4.flood] F7: sockets that hold places', () => {
  const idle = (port: number, count: number) =>
    Promise.all(
      Array.from({ length: count }, () => openWebSocket(port).then(socket => cleanups.push(() => socket.destroy()))),
    )

  it('keep honest peers out of plain libp2p, and not out of ours', async () => {
    const [weak, strong] = [await plain(), await hardened()]
    await idle(portOf(String(plainAddress(weak))), 10)
    await idle(portOf(addressOf(strong)), 10)
    const honest = await plain()
    await expect(honest.dial(plainAddress(weak), { signal: AbortSignal.timeout(3_000) })).rejects.toBeInstanceOf(Error)
    await honest.dial(multiaddr(addressOf(strong)))
  })

  it('are as many as the table says, and no more', async () => {
    const limits = { socketsPerIp: 5 }
    const port = portOf(addressOf(await hardened({ limits })))
    const sockets: Socket[] = []
    for (let i = 0; i < 8; i++) sockets.push(await openSocket(port))
    cleanups.push(() => sockets.map(socket => socket.destroy()))
    await eventually(() => sockets.filter(isOver).length === 3)
    for (const socket of sockets.filter(socket => !isOver(socket)).slice(0, 2)) socket.destroy()
    await eventually(async () => {
      const socket = await openWebSocket(port).catch(() => undefined)
      socket?.destroy()
      return socket !== undefined
    })
  })
})

describe('[G4.sockets] F8: what nobody pays for', () => {
  it('idle sockets and half a header stay with plain libp2p, and end with ours', async () => {
    const weak = portOf(String(plainAddress(await plain())))
    const strong = portOf(addressOf(await hardened({ limits: { firstByteMs: 300 } })))
    const words = ['', 'GET / HTTP/1.1\r\nHost: x\r\n', 'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: up']
    const open = (port: number) => Promise.all(words.map(text => openSocket(port, text)))
    const [held, ended] = [await open(weak), await open(strong)]
    cleanups.push(() => [...held, ...ended].map(socket => socket.destroy()))
    await eventually(() => ended.every(isOver))
    expect(held.filter(isOver)).toEqual([])
  })

  it('an upgraded socket that never speaks ends with the upgrade deadline', async () => {
    const socket = await openWebSocket(portOf(addressOf(await hardened({ limits: { upgradeMs: 1_000 } }))))
    await eventually(() => isOver(socket))
  })

  it('a message above the bound is refused before it is taken in', async () => {
    const port = portOf(addressOf(await hardened()))
    const socket = await openWebSocket(port)
    const answers: Buffer[] = []
    socket.on('data', data => answers.push(data))
    socket.write(frameHeader(90 * 1024 * 1024))
    await eventually(() => isOver(socket))
    const code = Buffer.concat(answers)
    expect(code.subarray(-2).readUInt16BE()).toBe(1009)
  })
})

describe('the port libp2p insists on', () => {
  it('is shut: all the world comes through the front', async () => {
    const front = new FrontServer()
    let hidden: Server | undefined
    const node = await createNode({
      mesh: 'testtesttest',
      seed: systemRandom.bytes(32),
      topics: [],
      clock: systemClock,
      transports: [
        hardenedWebSockets({
          open: openSocketToPeer,
          guard: listener => {
            hidden = (listener as Listener & { server: Server }).server
            return behindFront(listener, front)
          },
        }),
      ],
      listen: [HIDDEN_ADDRESS],
    })
    await front.listen(0)
    await node.start()
    cleanups.push(async () => {
      await node.stop()
      await front.close()
    })
    const address = hidden?.address()
    if (typeof address !== 'object' || address === null) throw new Error('no hidden port')
    expect(node.getMultiaddrs().map(each => portOf(each.toString()))).toEqual([front.port])
    const socket = await openSocket(address.port, 'GET / HTTP/1.1\r\n')
    await eventually(() => isOver(socket))
    await expect(openWebSocket(address.port)).rejects.toThrow('no upgrade')
  })
})
