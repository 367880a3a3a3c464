/** What libp2p sends over a WebSocket in one turn of the event loop, as one frame and one system call. */
import type { WebSocket } from 'ws'

/** Bytes at which a frame leaves before the turn is over: the connection's back-pressure does not see what waits. */
const FRAME = 64 * 1024

/**
 * libp2p hands over each noise message in two to four pieces, and answers what it read with a piece more; sent one by
 * one, each is a frame of its own, a system call here and an event there. Its stream of bytes knows no frames, so that
 * pieces may be joined. They wait for the microtasks of this turn, never for a timer.
 */
export function gathering(socket: WebSocket): WebSocket {
  const send = socket.send.bind(socket)
  let pieces: Uint8Array[] = []
  let bytes = 0
  const flush = () => {
    const [first, second] = pieces
    if (first === undefined) return
    const frame = second === undefined ? first : Buffer.concat(pieces, bytes)
    pieces = []
    bytes = 0
    send(frame)
  }
  socket.send = (piece: Uint8Array) => {
    if (bytes === 0) queueMicrotask(() => process.nextTick(flush)) // after all microtasks, those still to come too
    pieces.push(piece)
    bytes += piece.length
    if (bytes >= FRAME) flush()
  }
  const { close, terminate } = socket
  socket.close = (code, reason) => {
    flush()
    close.call(socket, code, reason)
  }
  socket.terminate = () => {
    flush()
    terminate.call(socket)
  }
  return socket
}
