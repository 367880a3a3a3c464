/** TLS beside plain HTTP on one port, and who is answered without it. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createPeer, FrontServer } from '@amp-mesh/peer/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { eventually } from '../../../until.ts'
import { isOver } from '../network/stranger.ts'
import { addressOf, testNetwork } from '../network/test-network.ts'

const pem = (name: string) => readFileSync(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
const tls = { cert: pem('cert'), key: pem('key') }
const limits = { socketsPerIp: 8, sockets: 16, firstByteMs: 1_000 }

async function listening(init: ConstructorParameters<typeof FrontServer>[0], host?: string): Promise<FrontServer> {
  const front = new FrontServer(init)
  await front.listen(0, host)
  onTestFinished(() => front.close())
  front.page('/', (_request, response) => response.end('hello'))
  return front
}

async function overTls(port: number | undefined): Promise<string> {
  const asked = request({ host: '127.0.0.1', port, ca: tls.cert, servername: 'localhost' }).end()
  const [response] = await once(asked, 'response')
  return text(response)
}

describe('a front with a certificate', () => {
  it('answers HTTPS and WSS, and plain HTTP of this machine, on one port', async () => {
    const front = await listening({ ...limits, tls })
    expect(await overTls(front.port)).toBe('hello')
    expect(await (await fetch(`http://127.0.0.1:${front.port}/`)).text()).toBe('hello')
    const server = new WebSocketServer({ noServer: true })
    server.on('connection', socket => socket.send('secret'))
    front.upgrade('/talk', (...knock) => server.handleUpgrade(...knock, socket => server.emit('connection', socket)))
    const socket = new WebSocket(`wss://127.0.0.1:${front.port}/talk`, [], { ca: tls.cert })
    expect(String((await once(socket, 'message'))[0])).toBe('secret')
    socket.terminate()
    expect(front.secure).toBe(true)
  })

  it('cuts who says nothing, half a handshake, or nonsense', async () => {
    const front = await listening({ ...limits, tls })
    for (const words of ['', '\u0016\u0003\u0001\u0002', '\u0016 nonsense that is no handshake at all']) {
      const socket = connect(front.port ?? 0, '127.0.0.1')
      await once(socket, 'connect')
      socket.write(words)
      await eventually(() => isOver(socket.resume()))
    }
    expect(await overTls(front.port)).toBe('hello')
  })

  it('is reached by peers as before, and tells the names of its certificate', async () => {
    const network = await testNetwork({ tls: { ...tls, names: ['mesh.example'] } })
    const guest = await testNetwork()
    await Promise.all([network.start(), guest.start()])
    onTestFinished(async () => void (await Promise.all([network.stop(), guest.stop()])))
    expect(await guest.connect(addressOf(network))).toBe(network.self)
    expect(network.addresses()).toContain(`/dns/mesh.example/tcp/${network.front.port}/tls/ws/p2p/${network.self}`)
  })

  it('is where a peer says that its gateway is', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'amp-tls-'))
    const peer = await createPeer({ name: 'desk', mesh: 'tls', dataDir, tls, names: ['localhost'] })
    onTestFinished(async () => {
      await peer.stop()
      await rm(dataDir, { recursive: true, force: true })
    })
    const headers = { authorization: `Bearer ${peer.token}` }
    const socket = new WebSocket(peer.gatewayUrl, ['amp.v1.json'], { ca: tls.cert, headers })
    expect(JSON.parse(String((await once(socket, 'message'))[0]))).toMatchObject({ type: 'hello' })
    expect(new URL(peer.gatewayUrl).protocol).toBe('wss:')
    socket.terminate()
  })

  it('says what is wrong with one that is none', () => {
    expect(() => new FrontServer({ ...limits, tls: { cert: 'no', key: 'no' } })).toThrow(/PEM/)
  })
})

describe('[G4.tls] a front that answers other machines over TLS only', () => {
  it('serves this machine by whatever address, and nobody else without TLS', async () => {
    const front = await listening({ ...limits, tls, plain: false }, '0.0.0.0')
    const own = Object.values(networkInterfaces()).flatMap(list => list ?? [])
    const hosts = own.filter(({ family }) => family === 'IPv4').map(({ address }) => address)
    for (const host of hosts) expect(await (await fetch(`http://${host}:${front.port}/`)).text()).toBe('hello')
    // from one address of this machine to another: as strange as another machine
    if (!hosts.some(host => !host.startsWith('127.'))) return
    const stranger = hosts.find(host => !host.startsWith('127.')) ?? ''
    const socket = connect({ port: front.port ?? 0, host: '127.0.0.1', localAddress: stranger })
    await once(socket, 'connect')
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1.1 426 /)
  })
})
