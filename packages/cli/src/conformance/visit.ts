/** What one check does at the gateway under test: its connections, its posts, and the end of them all. */
import { WebSocket } from 'ws'
import { Client, type Form } from './client.ts'
import { Posting } from './posting.ts'
import type { Stage } from './stage.ts'
import { Unmet } from './unmet.ts'

/** The implementation under test. */
export interface Target {
  /** ws: or wss:, e.g. ws://127.0.0.1:4001/amp/mesh */
  readonly url: URL
  readonly token: string
  /** How long to wait for anything, ms. */
  readonly patienceMs: number
}

export interface Knock {
  protocols?: readonly string[]
  headers?: Readonly<Record<string, string>>
  /** In place of the gateway's own. */
  url?: URL
}

export class Visit {
  readonly target: Target
  /** A space with an open question, for all checks that need one. Throws Unprepared. */
  readonly stage: () => Promise<Stage>
  readonly #clients: Client[] = []
  readonly #postings: Posting[] = []

  constructor(target: Target, stage: () => Promise<Stage>) {
    this.target = target
    this.stage = stage
  }

  get authorization(): { authorization: string } {
    return { authorization: `Bearer ${this.target.token}` }
  }

  /** A connection that was greeted. Throws Unmet when there is none to be had. */
  async client(form: Form = 'json', { protocols, headers = this.authorization }: Knock = {}): Promise<Client> {
    const { url, patienceMs } = this.target
    const offered = protocols ?? [`amp.v1.${form}`]
    const client = new Client({ url: url.href, form, protocols: offered, headers, patienceMs })
    this.#clients.push(client)
    await client.greeted()
    return client
  }

  /** One that has joined the stage. */
  async member(stage: Stage): Promise<Client> {
    const client = await this.client()
    await client.asks({ type: 'join', space: stage.space }, 'joined')
    return client
  }

  /** The HTTP status that an attempt to connect is answered with; 101: it is let in. */
  knock({ protocols = ['amp.v1.json'], headers = {}, url = this.target.url }: Knock): Promise<number> {
    const { patienceMs } = this.target
    const socket = new WebSocket(url, [...protocols], { headers, handshakeTimeout: patienceMs })
    return new Promise<number>((resolve, reject) => {
      socket.on('open', () => resolve(101))
      socket.on('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode))
      socket.on('error', error => reject(new Unmet('an answer to the upgrade', error.message)))
    }).finally(() => socket.terminate())
  }

  /** `message`: an object, or text as it is. */
  post(message: object | string, headers: Readonly<Record<string, string>> = this.authorization): Posting {
    const url = this.#page('')
    const body = typeof message === 'string' ? message : JSON.stringify(message)
    const posting = new Posting({ url, headers, body, patienceMs: this.target.patienceMs })
    this.#postings.push(posting)
    return posting
  }

  /** What GET of a path is answered with. Throws Unmet when nothing comes. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; text: string }> {
    try {
      const response = await fetch(this.#page(path), { headers, signal: AbortSignal.timeout(this.target.patienceMs) })
      return { status: response.status, text: await response.text() }
    } catch (error) {
      throw new Unmet(`an answer to GET ${path}`, String(error))
    }
  }

  end(): void {
    for (const client of this.#clients) client.cut()
    for (const posting of this.#postings) posting.stop()
  }

  /** A page of the same server; without a path, the gateway itself. */
  #page(path: string): URL {
    const url = new URL(path === '' ? this.target.url : new URL(path, this.target.url))
    url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:'
    return url
  }
}
