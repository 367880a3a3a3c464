/** Raw sockets that an adversary opens at one port, from its own addresses, and leaves open until they are cut. */
import { connect, type Socket } from 'node:net'
import { frameHeader, upgradeTo } from '../unit/peer/network/stranger.ts'

const HALF_HEADER = 'GET / HTTP/1.1\r\nHost: loc'
const HUGE = 90 * 1024 * 1024
/** One socket in so many sends a frame of 90 MiB, as far as it is taken. */
const HUGE_EVERY = 500
const CHUNK = Buffer.alloc(256 * 1024)
/** What is said first, by turns: mostly nothing. */
const FIRST_WORDS = ['', '', HALF_HEADER, '', upgradeTo('/')]

export class Sockets {
  readonly #target: { host: string; port: number }
  readonly #open = new Set<Socket>()

  constructor(target: { host: string; port: number }) {
    this.#target = target
  }

  /** Opens the `n`th from this address; how many bytes it begins with. */
  open(localAddress: string, n: number): number {
    const isHuge = n % HUGE_EVERY === HUGE_EVERY - 1
    const words = isHuge ? upgradeTo('/') : (FIRST_WORDS[n % FIRST_WORDS.length] as string)
    const socket = connect({ ...this.#target, localAddress })
    this.#open.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#open.delete(socket))
    socket.resume()
    if (words !== '') socket.write(words)
    if (isHuge) socket.once('data', () => flood(socket))
    return words.length
  }

  close(): void {
    for (const socket of this.#open) socket.destroy()
  }
}

function flood(socket: Socket): void {
  socket.write(frameHeader(HUGE))
  let left = HUGE
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= CHUNK.length
      if (!socket.write(CHUNK)) return void socket.once('drain', more)
    }
  }
  more()
}
