/** One message posted to the gateway, and the lines that come of it. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { createInterface } from 'node:readline'
import { type Fields, Hearing, type Told, toldBy, unreadable } from './hearing.ts'
import { Unmet } from './unmet.ts'

export interface PostingInit {
  url: URL
  headers: Readonly<Record<string, string>>
  /** JSON. */
  body: string
  patienceMs: number
}

export interface Head {
  readonly status: number
  readonly contentType: string
}

export class Posting {
  readonly head: Promise<Head>
  readonly #hearing: Hearing
  readonly #request: ClientRequest

  constructor({ url, headers, body, patienceMs }: PostingInit) {
    this.#hearing = new Hearing(patienceMs)
    const send = url.protocol === 'https:' ? secureRequest : request
    this.#request = send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
      agent: false,
    })
    this.head = this.#answered(patienceMs)
    this.head.catch(() => {})
    this.#request.on('error', error => this.#hearing.end(`a failed request (${error.message})`))
    this.#request.end(body)
  }

  get told(): readonly Told[] {
    return this.#hearing.told
  }

  hears(type: string, fields?: Fields, extraMs?: number): Promise<Told> {
    return this.#hearing.hears(type, fields, extraMs)
  }

  /** All lines, once the answer has ended. Throws Unmet when it does not. */
  async all(): Promise<readonly Told[]> {
    await this.head
    await this.#hearing.ended('the end of the answer')
    return this.told
  }

  stop(): void {
    this.#request.destroy()
  }

  #answered(patienceMs: number): Promise<Head> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.#request.destroy(new Error(`no answer in ${patienceMs} ms`)), patienceMs)
      this.#request.on('error', error => reject(new Unmet('an answer to a POST', error.message)))
      this.#request.on('close', () => clearTimeout(late))
      this.#request.on('response', (response: IncomingMessage) => {
        clearTimeout(late)
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, contentType: headers['content-type'] ?? '' })
        response.on('error', () => {})
        const lines = createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })
        lines.on('error', () => {})
        lines.on('line', line => this.#hearing.push(read(line)))
        lines.on('close', () => this.#hearing.end('the end of the answer'))
      })
    })
  }
}

function read(line: string): Told {
  try {
    return toldBy(JSON.parse(line))
  } catch {
    return unreadable(line)
  }
}
