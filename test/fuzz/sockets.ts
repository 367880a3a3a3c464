/** What strangers send to the port before any handshake of ours: broken HTTP, broken WebSocket frames, TLS, nothing. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { BROKEN_FRAMES, upgradeTo } from '../unit/peer/network/stranger.ts'
import { type Dice, wounded } from './dice.ts'

const PATHS = [
  '/',
  '/amp/mesh',
  '/context/x',
  '/healthz',
  '/metrics',
  '/%ff',
  '//',
  '/mesh',
  `/${'a'.repeat(9_000)}`,
  '*',
]
const METHODS = ['GET', 'GET', 'HEAD', 'POST', 'PUT', 'CONNECT', 'OPTIONS', 'PRI', 'G\u0000T', '']
const HEADERS = [
  'Content-Length: 99999999999',
  'Content-Length: -1',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Expect: 100-continue',
  'Upgrade: h2c',
  'Sec-WebSocket-Protocol: amp.v1.json, amp.token.x',
  `X: ${'a'.repeat(20_000)}`,
  'no colon here',
  'Authorization: Bearer x',
  'Origin: null',
]
const TLS_HELLO = Buffer.from('16030100c8010000c40303', 'hex')

/** One connection's worth: chunks in the order they are sent, after an upgrade or not. */
export interface RawInput {
  /** The path whose WebSocket upgrade is done first, properly. */
  upgrade?: string
  chunks: Uint8Array[]
}

export function rawInput(dice: Dice): RawInput {
  const how = dice.below(10)
  if (how < 5) {
    const upgrade = dice.pick(['/', '/', '/', '/amp/mesh', '/context/x'])
    return { upgrade, chunks: Array.from({ length: dice.below(4) + 1 }, () => webSocketFrame(dice)) }
  }
  if (how === 5) return { chunks: [TLS_HELLO, dice.bytes(dice.below(300))] }
  if (how === 6) return { chunks: [dice.bytes(dice.below(2_000))] }
  const request = Buffer.from(httpRequest(dice), 'latin1')
  if (how === 7) return { chunks: [wounded(request, TLS_HELLO, dice)] }
  if (how === 8) return { chunks: [request.subarray(0, dice.below(request.length))] }
  return { chunks: [request, dice.bytes(dice.below(100)), request] }
}

function httpRequest(dice: Dice): string {
  const lines = [
    `${dice.pick(METHODS)} ${dice.pick(PATHS)} HTTP/${dice.pick(['1.1', '1.0', '2.0', '9'])}`,
    'Host: localhost',
  ]
  for (let i = dice.below(4); i > 0; i--) lines.push(dice.pick(HEADERS))
  if (dice.rolls(0.4)) {
    const key = dice.pick(['dGhlIHNhbXBsZSBub25jZQ==', 'short', ''])
    const version = dice.pick(['13', '8', '99', 'x'])
    lines.push(
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${key}`,
      `Sec-WebSocket-Version: ${version}`,
    )
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** Every opcode, reserved bit, mask and form of length; the length may lie. */
function webSocketFrame(dice: Dice): Uint8Array {
  if (dice.rolls(0.05)) return dice.pick(Object.values(BROKEN_FRAMES))
  const payload = dice.bytes(dice.below(dice.rolls(0.05) ? 5_000 : 130))
  const length = dice.rolls(0.15) ? dice.pick([0, 126, 65_536, 2 ** 20 + 1, 2 ** 31, 2 ** 40]) : payload.length
  const isMasked = dice.rolls(0.9)
  const opcode = dice.rolls(0.6) ? dice.pick([0, 1, 2, 8, 9, 10]) : dice.below(16)
  const first = (dice.rolls(0.7) ? 0x80 : 0) | (dice.rolls(0.2) ? dice.below(8) << 4 : 0) | opcode
  const header = Buffer.alloc(10)
  header[0] = first
  let size = 2
  const form = length > 65_535 || dice.rolls(0.1) ? 127 : length > 125 || dice.rolls(0.1) ? 126 : length
  header[1] = (isMasked ? 0x80 : 0) | form
  if (form === 126) size = header.writeUInt16BE(length & 0xffff, 2)
  if (form === 127) size = header.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([header.subarray(0, size), isMasked ? dice.bytes(4) : Buffer.of(), payload])
}

/** An answer is read for so long before the next input, ms; most are refused sooner. */
const LISTEN_MS = 20

/**
 * Sends it from a loopback address of its own. `patient`: says nothing more and waits until the peer hangs up; returns
 * how long that took, ms.
 */
export async function sendRaw(port: number, input: RawInput, from: string, patient: boolean): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  socket.on('error', () => {})
  socket.resume()
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  await Promise.race([once(socket, 'connect').catch(() => {}), closed])
  if (input.upgrade !== undefined) {
    socket.write(upgradeTo(input.upgrade))
    await Promise.race([once(socket, 'data'), closed])
  }
  const started = performance.now()
  for (const chunk of input.chunks) {
    if (socket.destroyed) break
    socket.write(chunk)
    await new Promise(resolve => setImmediate(resolve))
  }
  if (!patient) await Promise.race([closed, new Promise(resolve => setTimeout(resolve, LISTEN_MS))])
  else await closed
  end(socket)
  return performance.now() - started
}

const end = (socket: Socket) => socket.resetAndDestroy()
