/** Streams: bytes between two peers, held back, broken and refused. */
import { type Stream, sha256, utf8 } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../until.ts'
import { collect, readBytes } from '../received.ts'
import { type NetworkField, pattern } from './field.ts'

const ECHO = '/test/echo/1.0.0'
const SINK = '/test/sink/1.0.0'

export function streams({ pair }: NetworkField): void {
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
