/** What every implementation of the `Network` port does; run on the real one and on the one in memory. */
import { type Network, type PeerId, peerIdBytes, type Stream, sha256, utf8, WIRE_LIMITS } from '@amp-mesh/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../until.ts'
import { collect, readBytes } from './received.ts'

export interface NetworkFixture {
  /** A new network, not started; all share one mesh. */
  create(): Promise<Network>
  /** A topic that exists in the mesh. */
  topic: string
}

const ECHO = '/test/echo/1.0.0'
const SINK = '/test/sink/1.0.0'

export function networkCompliance(name: string, fixture: NetworkFixture): void {
  describe(`network port: ${name}`, () => {
    const running: Network[] = []
    const start = async (prepare: (network: Network) => void = () => {}) => {
      const network = await fixture.create()
      prepare(network)
      await network.start()
      running.push(network)
      return network
    }
    const addressOf = (network: Network) => {
      const [address] = network.addresses()
      if (address === undefined) throw new Error('the network tells no address')
      return address
    }
    const pair = async (prepare?: (network: Network) => void) => {
      const [a, b] = [await start(), await start(prepare)]
      await a.connect(addressOf(b))
      return { a, b }
    }
    afterEach(async () => {
      await Promise.all(running.splice(0).map(network => network.stop()))
    })

    describe('connections', () => {
      it('tells both sides, and knows each peer once', async () => {
        const [a, b] = [await start(), await start()]
        const events: string[] = []
        a.on('connect', peer => events.push(`a sees ${peer}`))
        b.on('connect', peer => events.push(`b sees ${peer}`))
        expect(await a.connect(addressOf(b))).toBe(b.self)
        expect(await a.connect(addressOf(b))).toBe(b.self)
        await eventually(() => events.length === 2 && b.peers().length === 1)
        expect(events.sort()).toEqual([`a sees ${b.self}`, `b sees ${a.self}`])
        expect(a.peers()).toEqual([b.self])
      })

      it('stays one neighbour when both dial at once', async () => {
        const [a, b] = [await start(), await start()]
        await Promise.all([a.connect(addressOf(b)), b.connect(addressOf(a))])
        expect(a.peers()).toEqual([b.self])
        expect(b.peers()).toEqual([a.self])
        const gone: string[] = []
        b.on('disconnect', peer => gone.push(peer))
        // one of the two connections may still be on its way at the first try
        await eventually(async () => {
          await a.disconnect(b.self)
          return gone.length > 0
        })
        expect(gone).toEqual([a.self])
        expect(b.peers()).toEqual([])
      })

      it('tells when the other one stops', async () => {
        const { a, b } = await pair()
        const gone: string[] = []
        a.on('disconnect', peer => gone.push(peer))
        await b.stop()
        await eventually(() => gone.length > 0)
        expect(gone).toEqual([b.self])
        expect(a.peers()).toEqual([])
      })

      it('does not tell a listener that has left', async () => {
        const a = await start()
        const b = await start()
        const heard: string[] = []
        a.on('connect', peer => heard.push(peer))()
        a.on('connect', peer => heard.push(`kept ${peer}`))
        await a.connect(addressOf(b))
        await eventually(() => heard.length > 0)
        expect(heard).toEqual([`kept ${b.self}`])
      })

      it('says what is wrong with an address', async () => {
        const a = await start()
        const b = await start()
        const address = addressOf(b)
        await b.stop()
        await expect(a.connect('nonsense')).rejects.toMatchObject({ code: 'unknown-address' })
        await expect(a.connect(addressOf(a))).rejects.toMatchObject({ code: 'unknown-address' })
        await expect(a.connect(address)).rejects.toMatchObject({ code: 'unreachable' })
      })

      it('gives up when the signal has aborted', async () => {
        const [a, b] = [await start(), await start()]
        await expect(a.connect(addressOf(b), AbortSignal.abort())).rejects.toBeInstanceOf(Error)
      })
    })

    describe('streams', () => {
      it('carry bytes both ways, and end on both sides', async () => {
        const { a, b } = await pair(network => network.handle(ECHO, 4, echo))
        const stream = await a.open(b.self, ECHO)
        expect(stream.peer).toBe(b.self)
        stream.send(utf8('hello '))
        stream.send(utf8('world'))
        await stream.close()
        expect(await collect(stream.incoming())).toEqual(utf8('hello world'))
      })

      it('carry frames far above every buffer, without losing a byte', async () => {
        const { a, b } = await pair(network => network.handle(ECHO, 4, echo))
        const stream = await a.open(b.self, ECHO)
        const bytes = pattern(3 * 1024 * 1024)
        const back = readBytes(stream.incoming(), bytes.length)
        await sendAll(stream, bytes, 256 * 1024)
        expect(sha256(await back)).toEqual(sha256(bytes))
        await stream.close()
      })

      it('hold the sender back while nobody reads, and let it go on after', async () => {
        let held: Stream | undefined
        const { a, b } = await pair(network =>
          network.handle(SINK, 1, stream => {
            held = stream
          }),
        )
        const stream = await a.open(b.self, SINK)
        const chunk = pattern(64 * 1024)
        let sent = 0
        while (stream.send(chunk)) {
          sent += chunk.length
          if (sent > 64 * 1024 * 1024) throw new Error('send never said that it is full')
          await new Promise(resolve => setImmediate(resolve))
        }
        sent += chunk.length
        const patience = new AbortController()
        const waiting = stream.drained(patience.signal)
        patience.abort(new Error('enough'))
        await expect(waiting).rejects.toThrow('enough')
        await eventually(() => held !== undefined)
        const reading = readBytes((held as Stream).incoming(), sent)
        await stream.drained()
        expect((await reading).length).toBe(sent)
        expect(stream.send(chunk)).toBeTypeOf('boolean')
      })

      it('break on both sides when one aborts', async () => {
        const outcomes: string[] = []
        const { a, b } = await pair(network =>
          network.handle(SINK, 1, async stream => {
            stream.send(utf8('ready'))
            await collect(stream.incoming()).catch(() => outcomes.push('broken'))
            outcomes.push('over')
          }),
        )
        const stream = await a.open(b.self, SINK)
        stream.send(utf8('x'))
        await readBytes(stream.incoming(), 5)
        stream.abort(new Error('enough'))
        expect(() => stream.send(utf8('y'))).toThrow()
        await expect(stream.drained()).rejects.toBeInstanceOf(Error)
        await eventually(() => outcomes.length === 2)
        expect(outcomes).toEqual(['broken', 'over'])
      })

      it('break for the dialler when the handler fails, at once or later', async () => {
        const { a, b } = await pair(network => {
          network.handle('/test/throws/1.0.0', 4, () => {
            throw new Error('no')
          })
          network.handle('/test/rejects/1.0.0', 4, async stream => {
            for await (const _chunk of stream.incoming()) throw new Error('no')
          })
        })
        for (const protocol of ['/test/throws/1.0.0', '/test/rejects/1.0.0']) {
          const stream = await a.open(b.self, protocol)
          trySend(stream, utf8('x'))
          await expect(collect(stream.incoming())).rejects.toBeInstanceOf(Error)
        }
      })

      it('break when the other peer goes', async () => {
        const { a, b } = await pair(network => network.handle(SINK, 1, () => {}))
        const stream = await a.open(b.self, SINK)
        stream.send(utf8('x'))
        const ended = collect(stream.incoming()).then(
          () => 'ended',
          () => 'broken',
        )
        await b.stop()
        expect(['ended', 'broken']).toContain(await ended)
        await eventually(() => a.peers().length === 0)
        expect(() => stream.send(utf8('y'))).toThrow()
      })

      it('are refused for protocols nobody handles, and above the number allowed', async () => {
        const { a, b } = await pair(network => network.handle(SINK, 1, () => {}))
        await expect(a.open(b.self, '/test/nothing/1.0.0')).rejects.toMatchObject({ code: 'unreachable' })
        const first = await a.open(b.self, SINK)
        first.send(utf8('x'))
        const second = a.open(b.self, SINK).then(async stream => {
          trySend(stream, utf8('x'))
          return collect(stream.incoming())
        })
        await expect(second).rejects.toBeInstanceOf(Error)
      })

      it('are served no more once the handler was withdrawn', async () => {
        let withdraw = () => {}
        const { a, b } = await pair(network => {
          withdraw = network.handle(SINK, 4, () => {})
        })
        const before = await a.open(b.self, SINK)
        before.send(utf8('x'))
        withdraw()
        const refused = () =>
          a.open(b.self, SINK).then(
            () => false,
            () => true,
          )
        await eventually(refused)
      })
    })

    describe('gossip', () => {
      it('reaches the others, not the sender, and only once', async () => {
        const heard: string[] = []
        const listen = (network: Network) =>
          void network.subscribe(fixture.topic, (bytes, from) => {
            heard.push(`${network.self} ${from} ${bytes.length}`)
            return 'accept'
          })
        const hub = await start(listen)
        const [b, c] = [await start(listen), await start(listen)]
        await b.connect(addressOf(hub))
        await c.connect(addressOf(hub))
        const from = (sender: Network, length: number) =>
          heard.filter(line => line.endsWith(`${sender.self} ${length}`))
        let length = 0
        await eventually(async () => {
          length += 1
          await b.publish(fixture.topic, pattern(length))
          await pause()
          return from(b, length).length === 2
        })
        expect(
          from(b, length)
            .map(line => line.split(' ')[0])
            .sort(),
        ).toEqual([hub.self, c.self].sort())
      })

      it('does not travel on when it was ignored or rejected', async () => {
        for (const verdict of ['ignore', 'reject'] as const) {
          const passed: number[] = []
          const stopped: number[] = []
          const hub = await start(network =>
            network.subscribe(fixture.topic, bytes => {
              stopped.push(bytes.length)
              return verdict
            }),
          )
          const far = await start(network =>
            network.subscribe(fixture.topic, bytes => {
              passed.push(bytes.length)
              return 'accept'
            }),
          )
          const sender = await start(network => network.subscribe(fixture.topic, () => 'accept'))
          await far.connect(addressOf(hub))
          await sender.connect(addressOf(hub))
          for (let length = 1; stopped.length < 2; length++) {
            await sender.publish(fixture.topic, pattern(length))
            await pause()
          }
          await hub.publish(fixture.topic, pattern(1_000))
          await eventually(() => passed.length > 0)
          expect(passed).toEqual([1_000])
        }
      })

      it('refuses messages above the bound', async () => {
        const a = await start(network => network.subscribe(fixture.topic, () => 'accept'))
        await expect(a.publish(fixture.topic, new Uint8Array(WIRE_LIMITS.gossip + 1))).rejects.toMatchObject({
          code: 'too-large',
        })
      })
    })

    describe('routing', () => {
      const key = sha256(utf8('travel'))

      it('tells whom it knows, and asks others whom they know, never naming ourselves', async () => {
        const [a, b, c] = [await start(), await start(), await start()]
        await a.connect(addressOf(b))
        await c.connect(addressOf(b))
        await eventually(async () => (await a.nearer(b.self, key)).includes(c.self))
        expect(await a.nearer(b.self, key)).not.toContain(a.self)
        expect(a.near(key, 20)).toContain(b.self)
        expect(a.near(key, 20)).not.toContain(a.self)
        expect(a.near(key, 0)).toEqual([])
      })

      it('names the closest first', async () => {
        const a = await start()
        for (let n = 0; n < 4; n++) await a.connect(addressOf(await start()))
        await eventually(() => a.near(key, 20).length === 4)
        const distances = a.near(key, 20).map(peer => distanceOf(key, peer))
        expect(distances).toEqual([...distances].sort())
        expect(a.near(key, 2)).toEqual(a.near(key, 20).slice(0, 2))
      })

      it('rejects when the peer is gone, or the signal has aborted', async () => {
        const { a, b } = await pair()
        await expect(a.nearer(b.self, key, AbortSignal.abort())).rejects.toBeInstanceOf(Error)
        await b.stop()
        await expect(a.nearer(b.self, key)).rejects.toBeInstanceOf(Error)
      })
    })
  })
}

/** As kad-dht has it, in hex. */
function distanceOf(key: Uint8Array, peer: PeerId): string {
  const [there, here] = [sha256(peerIdBytes(peer)), sha256(key)]
  return here.reduce((hex, byte, i) => hex + (byte ^ (there[i] ?? 0)).toString(16).padStart(2, '0'), '')
}

async function echo(stream: Stream): Promise<void> {
  for await (const chunk of stream.incoming()) if (!stream.send(chunk)) await stream.drained()
  await stream.close()
}

async function sendAll(stream: Stream, bytes: Uint8Array, chunk: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += chunk)
    if (!stream.send(bytes.subarray(at, at + chunk))) await stream.drained()
}

/** The stream may be broken already. */
function trySend(stream: Stream, bytes: Uint8Array): void {
  try {
    stream.send(bytes)
  } catch {}
}

/** Bytes whose order matters. */
const pattern = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255)

const pause = () => new Promise<void>(resolve => setTimeout(resolve, 20))
