/**
 * The gateway of a victim as a door for hostile messages: whatever is said on a stream is said here too, as JSON and as
 * msgpack, by a program that has the token.
 */
import { encodeJson, encodeMessage, type Message, WIRE_LIMITS } from '@amp-mesh/protocol'
import { WebSocket } from 'ws'
import { until } from '../until.ts'
import type { Victim } from './victim.ts'

type Form = 'json' | 'msgpack'

/** Said in one session before a new one begins: above its burst a session is read slowly. */
const MOST = 100
/** A victim may be busy with what came by other doors, ms. */
const PATIENCE_MS = 180_000

export class GatewayDoor {
  readonly #doors: readonly Door[]

  constructor(victim: Pick<Victim, 'gatewayUrl' | 'token'>) {
    this.#doors = [new Door(victim, 'json'), new Door(victim, 'msgpack')]
  }

  /** Messages as a stream carries them. */
  post(...messages: Message[]): void {
    for (const message of messages) {
      this.#doors[0]?.send(encodeJson({ kind: 'message', message }))
      this.#doors[1]?.send(encodeMessage(message))
    }
  }

  /** Bytes that are no message. */
  raw(bytes: Uint8Array): void {
    for (const door of this.#doors) door.send(bytes)
  }

  /** Resolves when the victim has dealt with all of it, or hung up. */
  async settled(): Promise<void> {
    await Promise.all(this.#doors.map(door => door.settled()))
  }
}

class Door {
  readonly #victim: Pick<Victim, 'gatewayUrl' | 'token'>
  readonly #form: Form
  #waiting: Uint8Array[] = []

  constructor(victim: Pick<Victim, 'gatewayUrl' | 'token'>, form: Form) {
    this.#victim = victim
    this.#form = form
  }

  /** Later ones than a session takes at once say nothing new at this door. */
  send(bytes: Uint8Array): void {
    if (this.#waiting.length < MOST) this.#waiting.push(bytes)
  }

  async settled(): Promise<void> {
    let left = this.#waiting
    this.#waiting = []
    // what is too long ends its session; what comes behind it is said in the next
    while (left.length > 0) {
      const end = left.findIndex(bytes => bytes.length > WIRE_LIMITS.message) + 1 || left.length
      await this.#session(left.slice(0, end))
      left = left.slice(end)
    }
  }

  async #session(messages: readonly Uint8Array[]): Promise<void> {
    const { gatewayUrl, token } = this.#victim
    const socket = new WebSocket(gatewayUrl, [`amp.v1.${this.#form}`, `amp.token.${token}`])
    let answers = 0
    let ended = false
    socket.on('message', () => answers++)
    socket.on('close', () => (ended = true))
    socket.on('error', () => {})
    await until('the gateway opens', () => ended || socket.readyState === WebSocket.OPEN, PATIENCE_MS)
    for (const bytes of messages) socket.send(bytes, { binary: this.#form === 'msgpack' })
    // its greeting, and an answer to each
    await until('the gateway answers', () => ended || answers > messages.length, PATIENCE_MS)
    socket.terminate()
  }
}
