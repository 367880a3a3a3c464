/** A plain client of the gateway over a real WebSocket, as any program could be one. */
import { packBody, unpackBody } from '@amp-mesh/protocol'
import { WebSocket } from 'ws'
import { type Fields, Hearing, type Told, toldBy, unreadable } from './hearing.ts'

/** Bytes of a message that is read. */
const LONGEST = 8 * 1024 * 1024

export type Form = 'json' | 'msgpack'

export interface ClientInit {
  url: string
  form: Form
  /** Subprotocols offered. */
  protocols: readonly string[]
  headers: Readonly<Record<string, string>>
  patienceMs: number
}

export class Client {
  readonly form: Form
  readonly hearing: Hearing
  /** Of each message that came, in order. */
  readonly frames: ('text' | 'binary')[] = []
  readonly #socket: WebSocket
  #closeCode: number | undefined
  #fences = 0

  constructor({ url, form, protocols, headers, patienceMs }: ClientInit) {
    this.form = form
    this.hearing = new Hearing(patienceMs)
    this.#socket = new WebSocket(url, [...protocols], {
      headers,
      handshakeTimeout: patienceMs,
      perMessageDeflate: false,
      maxPayload: LONGEST,
    })
    this.#socket.on('message', (data: Buffer, isBinary) => {
      this.frames.push(isBinary ? 'binary' : 'text')
      this.hearing.push(read(data, isBinary))
    })
    this.#socket.on('unexpected-response', (_, response) => {
      this.hearing.end(`a refusal with HTTP ${response.statusCode}`)
      this.#socket.terminate()
    })
    this.#socket.on('error', error => this.hearing.end(`a failed connection (${error.message})`))
    this.#socket.on('close', code => {
      this.#closeCode = code
      this.hearing.end(`a close with ${code}`)
    })
  }

  /** The subprotocol the gateway chose; empty: none. */
  get protocol(): string {
    return this.#socket.protocol
  }

  get told(): readonly Told[] {
    return this.hearing.told
  }

  /** The greeting. Throws Unmet when none comes. */
  async greeted(): Promise<Told> {
    return this.told.find(({ type }) => type === 'hello') ?? (await this.hears('hello'))
  }

  say(message: object): void {
    this.send(this.form === 'json' ? JSON.stringify(message) : packBody(message))
  }

  /** Text or bytes as they are. */
  send(data: string | Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data)
  }

  hears(type: string | readonly string[], fields?: Fields, extraMs?: number): Promise<Told> {
    return this.hearing.hears(type, fields, extraMs)
  }

  of(type: string): Told[] {
    return this.hearing.of(type)
  }

  /** Says `message` and hears the answer of that type. */
  asks(message: object, type: string | readonly string[], fields?: Fields, extraMs?: number): Promise<Told> {
    this.say(message)
    return this.hears(type, fields, extraMs)
  }

  /** Resolves when the gateway has read all that was said so far. */
  async fence(): Promise<void> {
    const n = 1_000_000 + this.#fences++
    await this.asks({ type: 'ping', n }, 'pong', { n })
  }

  /** The code the gateway closes the connection with. Throws Unmet when it stays open. */
  async closed(expected: number): Promise<number | undefined> {
    await this.hearing.ended(`a close with ${expected}`)
    return this.#closeCode
  }

  /** As a broken network would. */
  cut(): void {
    this.#socket.on('error', () => {})
    this.#socket.terminate()
  }
}

function read(data: Buffer, isBinary: boolean): Told {
  try {
    return toldBy(isBinary ? unpackBody(new Uint8Array(data), { maxBytes: LONGEST }) : JSON.parse(data.toString()))
  } catch (error) {
    return unreadable(String(error))
  }
}
