/** The front server: pages, upgrades and libp2p behind one port. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { FrontServer } from '@amp-mesh/peer/node'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { eventually } from '../../../until.ts'
import { isOver, openWebSocket } from '../network/stranger.ts'
import { addressOf, testNetwork } from '../network/test-network.ts'

async function listening(): Promise<FrontServer & { port: number }> {
  const front = new FrontServer()
  await front.listen(0)
  onTestFinished(() => front.close())
  const { port } = front
  if (port === undefined) throw new Error('not listening')
  return front as FrontServer & { port: number }
}

describe('FrontServer', () => {
  it('answers registered pages, the longest folder first, and says no to the rest', async () => {
    const front = await listening()
    const say = (text: string) => (_request: unknown, response: { end(text: string): void }) => response.end(text)
    front.page('/', say('root'))
    front.page('/assets/', say('assets'))
    front.page('/assets/fonts/', say('fonts'))
    const get = async (path: string, init?: RequestInit) => {
      const response = await fetch(`http://127.0.0.1:${front.port}${path}`, init)
      return `${response.status} ${(await response.text()).trim()}`
    }
    expect(await get('/')).toBe('200 root')
    expect(await get('/?q=1')).toBe('200 root')
    expect(await get('/assets/a.css')).toBe('200 assets')
    expect(await get('/assets/fonts/a.woff')).toBe('200 fonts')
    expect(await get('/other')).toBe('404 nothing here')
    expect(await get('/', { method: 'POST', body: 'x' })).toBe('405 only GET')
  })

  it('frees a path when its handler is withdrawn', async () => {
    const front = await listening()
    const withdraw = front.page('/a', (_request, response) => response.end('a'))
    expect(() => front.page('/a', () => {})).toThrow('taken')
    withdraw()
    expect((await fetch(`http://127.0.0.1:${front.port}/a`)).status).toBe(404)
    front.page('/a', () => {})
  })

  it('hands upgrades to whoever registered the path, and cuts the others', async () => {
    const front = await listening()
    const echo = new WebSocketServer({ noServer: true })
    echo.on('connection', socket => socket.on('message', data => socket.send(String(data).toUpperCase())))
    front.upgrade('/echo', (request, socket, head) =>
      echo.handleUpgrade(request, socket, head, client => echo.emit('connection', client, request)),
    )
    const client = new WebSocket(`ws://127.0.0.1:${front.port}/echo`)
    await once(client, 'open')
    client.send('hello')
    const [answer] = await once(client, 'message')
    expect(String(answer)).toBe('HELLO')
    client.terminate()
    await expect(openWebSocket(front.port, '/nobody')).rejects.toThrow('no upgrade')
  })

  it('says that a port is taken, and what to do', async () => {
    const front = await listening()
    await expect(new FrontServer().listen(front.port)).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining('choose another port'),
    })
  })

  it('says that an address is not of this machine', async () => {
    await expect(new FrontServer().listen(0, '203.0.113.1')).rejects.toMatchObject({ code: 'bad-input' })
  })

  it('refuses headers above its bound', async () => {
    const front = await listening()
    const socket = connect(front.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('431')
    await eventually(() => isOver(socket))
  })

  it('lets go of everything when it closes', async () => {
    const front = await listening()
    const socket = connect(front.port, '127.0.0.1')
    await once(socket, 'connect')
    await front.close()
    await eventually(() => isOver(socket.resume()))
    expect(front.port).toBeUndefined()
  })
})

describe('a network behind its front', () => {
  it('tells the port of the front, serves a page on it, and takes it again after a stop', async () => {
    const network = await testNetwork()
    network.front.page('/', (_request, response) => response.end('hello'))
    await network.start()
    const { port } = network.front
    expect(addressOf(network)).toBe(`/ip4/127.0.0.1/tcp/${port}/ws/p2p/${network.self}`)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello')

    const other = await testNetwork({ port: port ?? 0 })
    await expect(other.start()).rejects.toMatchObject({ code: 'port-in-use' })
    await network.stop()
    await other.start()
    expect(other.front.port).toBe(port)
    await other.stop()
  })

  it('is reached by host:port, by URL, and over plain TCP', async () => {
    const [network, guest] = [await testNetwork({ tcpPort: 0 }), await testNetwork()]
    await network.start()
    await guest.start()
    onTestFinished(async () => void (await Promise.all([network.stop(), guest.stop()])))
    const { port } = network.front
    const tcp = network.addresses().find(address => multiaddr(address).getComponents()[2]?.name === 'p2p')
    for (const address of [`127.0.0.1:${port}`, `http://localhost:${port}/`, tcp ?? '']) {
      expect(await guest.connect(address)).toBe(network.self)
      await guest.disconnect(network.self)
    }
  })

  it('refuses an address whose PeerId is another one', async () => {
    const [network, guest, other] = [await testNetwork(), await testNetwork(), await testNetwork()]
    await network.start()
    await guest.start()
    onTestFinished(async () => void (await Promise.all([network.stop(), guest.stop()])))
    const wrong = addressOf(network).replace(network.self, other.self)
    await expect(guest.connect(wrong)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('another peer answers'),
    })
  })
})
