/** Tells who asks by UDP how it is seen from here: a binding answer as of RFC 5389, and nothing else. */
import { createSocket, type RemoteInfo } from 'node:dgram'

const MAGIC_COOKIE = 0x2112a442
const BINDING_REQUEST = 0x0001
const BINDING_ANSWER = 0x0101
const XOR_MAPPED_ADDRESS = 0x0020
const IPV4 = 1

export function serveStun(address: string, port: number): void {
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    if (message.length < 20 || message.readUInt16BE(0) !== BINDING_REQUEST) return
    socket.send(answerTo(message, from), from.port, from.address)
  })
  socket.bind(port, address)
}

function answerTo(request: Buffer, { address, port }: RemoteInfo): Buffer {
  const answer = Buffer.alloc(32)
  answer.writeUInt16BE(BINDING_ANSWER, 0)
  answer.writeUInt16BE(12, 2) // length of what follows the header
  request.copy(answer, 4, 4, 20) // cookie and transaction
  answer.writeUInt16BE(XOR_MAPPED_ADDRESS, 20)
  answer.writeUInt16BE(8, 22)
  answer.writeUInt16BE(IPV4, 24)
  answer.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 26)
  const bytes = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
  answer.writeUInt32BE((bytes ^ MAGIC_COOKIE) >>> 0, 28)
  return answer
}
