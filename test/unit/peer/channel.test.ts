/** One stream as messages: what is written together, what waits for whom, how it ends. The network is in memory. */
import {
  AmpError,
  encodeFrames,
  encodeMessage,
  type Message,
  PEER_LIMITS,
  type Stream,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { Channel, type ChannelInit } from '../../../packages/peer/src/channel.ts'
import { MemoryStream } from '../../../packages/peer/src/memory-stream.ts'
import { SimulatedClock } from './simulated-clock.ts'

const SPACE = 'A'.repeat(43)
const segment = (bytes: number): Message => ({ type: 'segment', space: SPACE, bytes: new Uint8Array(bytes) })

/** Lets everything that is under way in memory arrive. */
const settle = async () => {
  for (let i = 0; i < 400; i++) await Promise.resolve()
}

interface Side {
  channel: Channel
  heard: Message[]
  /** Sizes of the writes to the stream. */
  writes: number[]
  closed: (Error | undefined)[]
}

function side(stream: Stream, clock: SimulatedClock, more: Partial<ChannelInit> = {}, log: string[] = []): Side {
  const heard: Message[] = []
  const writes: number[] = []
  const closed: (Error | undefined)[] = []
  const send = stream.send.bind(stream)
  stream.send = bytes => {
    writes.push(bytes.length)
    log.push(more.bulk ? 'bulk' : 'message')
    return send(bytes)
  }
  const channel = new Channel({
    stream,
    clock,
    maxBytes: WIRE_LIMITS.syncFrame,
    onMessage: message => void heard.push(message),
    onClose: reason => closed.push(reason),
    ...more,
  })
  return { channel, heard, writes, closed }
}

const pair = () => MemoryStream.pair('a', 'b', queueMicrotask)

describe('a channel', () => {
  it("writes a tick's messages at once, and those of the next tick in the next write", async () => {
    const clock = new SimulatedClock()
    const [left, right] = pair()
    const [a, b] = [side(left, clock), side(right, clock)]
    for (let n = 0; n < 100; n++) expect(a.channel.post({ type: 'ping', n })).toBe(true)
    await settle()
    const send = async (n: number) => void a.channel.post({ type: 'ping', n })
    for (let n = 100; n <= 150; n++) await send(n)
    await settle()
    expect(a.writes.length).toBe(2)
    expect(b.heard).toEqual(Array.from({ length: 151 }, (_, n) => ({ type: 'ping', n })))
  })

  it('[G4.bulk] writes bulk in slices, and messages go between two of them', async () => {
    const clock = new SimulatedClock()
    const log: string[] = []
    const [syncHere, syncThere] = pair()
    const [ampHere, ampThere] = pair()
    const bulk = side(syncHere, clock, { bulk: true }, log)
    const messages = side(ampHere, clock, {}, log)
    const [sync, amp] = [side(syncThere, clock), side(ampThere, clock)]
    for (let n = 0; n < 3; n++) bulk.channel.post(segment(500_000))
    await settle()
    for (let n = 0; sync.heard.length < 3; n++) {
      messages.channel.post({ type: 'ping', n })
      await settle()
      expect(amp.heard.length, 'a ping waits for no more than one slice').toBe(n + 1)
      clock.advance(1)
      await settle()
    }
    expect(Math.max(...bulk.writes)).toBeLessThanOrEqual(64 * 1024)
    expect(log.join(' ')).not.toContain('bulk bulk')
    expect(sync.heard).toEqual([segment(500_000), segment(500_000), segment(500_000)])
  })

  it('does not post what is larger than the other side takes', async () => {
    const [left, right] = pair()
    const [a, b] = [side(left, new SimulatedClock()), side(right, new SimulatedClock())]
    expect(() => a.channel.post(segment(WIRE_LIMITS.syncFrame))).toThrow(expect.objectContaining({ code: 'too-large' }))
    a.channel.post({ type: 'ping', n: 1 })
    await settle()
    expect(b.heard).toEqual([{ type: 'ping', n: 1 }])
  })

  it('[G4.backpressure] holds no more for a reader that does not read, and says when there is room again', async () => {
    const clock = new SimulatedClock()
    const [left, right] = pair()
    const gate = Promise.withResolvers<void>()
    let read = 0
    const a = side(left, clock)
    side(right, clock, {
      onMessage: () => {
        read++
        return gate.promise
      },
    })
    let posted = 0
    while (a.channel.post(segment(60_000)) && posted < 1_000) {
      posted++
      await settle()
    }
    expect(posted * 60_000).toBeLessThan(PEER_LIMITS.sendQueue + 512 * 1024)
    expect(a.channel.queued).toBeLessThanOrEqual(PEER_LIMITS.sendQueue)
    let hasRoom = false
    const room = a.channel.room().then(() => {
      hasRoom = true
    })
    await settle()
    expect([hasRoom, read]).toEqual([false, 1])
    gate.resolve()
    await room
    expect(a.channel.post(segment(60_000))).toBe(true)
    for (let turn = 0; turn < 20; turn++) await settle()
    expect(read).toBe(posted + 1)
  })

  it('[G4.backpressure] gives up a reader that takes nothing for ten seconds', async () => {
    const clock = new SimulatedClock()
    const [left, right] = pair()
    const a = side(left, clock)
    side(right, clock, { onMessage: () => new Promise(() => {}) })
    while (a.channel.post(segment(60_000))) await settle()
    clock.advance(9_000)
    await settle()
    expect(a.closed).toEqual([])
    clock.advance(1_500)
    await settle()
    expect(a.closed).toMatchObject([{ code: 'unreachable' }])
    await a.channel.room() // nobody waits for a channel that has ended
  })

  it.each([
    ['busy', 'busy'],
    ['wrong-mesh', 'wrong-mesh'],
    ['stopped', 'unreachable'],
  ] as const)('aborted with %s: the other side learns %s', async (code, told) => {
    const clock = new SimulatedClock()
    const [left, right] = pair()
    const [a, b] = [side(left, clock), side(right, clock)]
    a.channel.abort(new AmpError(code))
    await settle()
    expect(a.closed).toMatchObject([{ code }])
    expect(b.closed).toMatchObject([{ code: told }])
  })

  it('closed after a last error: the other side knows why, after all that was said before', async () => {
    const clock = new SimulatedClock()
    const [left, right] = pair()
    const [a, b] = [side(left, clock), side(right, clock)]
    a.channel.post({ type: 'ping', n: 1 })
    a.channel.post({ type: 'error', code: 'leaving' })
    await a.channel.close()
    await settle()
    expect(b.heard).toMatchObject([{ type: 'ping' }, { type: 'error' }])
    expect([a.closed, b.closed]).toMatchObject([[undefined], [{ code: 'stopped' }]])
  })

  it('[G4.codec] ends with the code of what was wrong', async () => {
    const clock = new SimulatedClock()
    for (const [bytes, code] of [
      [Uint8Array.of(0, 0, 0, 0), 'bad-frame'],
      [Uint8Array.of(255, 0, 0, 0), 'too-large'],
      [encodeFrames([Uint8Array.of(0xc1), Uint8Array.of(0xc1), Uint8Array.of(0xc1)]), 'bad-message'],
    ] as const) {
      const [left, right] = pair()
      const a = side(left, clock)
      right.send(bytes)
      await settle()
      expect(a.closed).toMatchObject([{ code }])
      const told: Uint8Array[] = []
      await expect(async () => {
        for await (const chunk of right.incoming()) told.push(chunk)
      }).rejects.toThrow()
      expect(Buffer.concat(told).includes(Buffer.from(encodeMessage({ type: 'error', code })))).toBe(true)
    }
  })
})
