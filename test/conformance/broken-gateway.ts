/** A gateway that breaks a promise: a proxy before a real peer that changes what passes through it. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { packBody, unpackBody } from '@amp-mesh/protocol'
import { WebSocket, WebSocketServer } from 'ws'
import type { GatewayHost } from '../gateway/client.ts'

export interface Message {
  readonly type: string
  readonly [field: string]: unknown
}

/** What one connection changes, with what it remembers of it. */
export interface Twist {
  /** In place of a message of the peer's. */
  down?(message: Message): readonly Message[]
  /** After which of those the connection is closed. */
  hangsUp?(message: Message): boolean
  /** What a client's message becomes on its way to the peer; a list: what it is answered with, without the peer. */
  up?(message: Message): Message | readonly Message[]
}

export interface Fault {
  /** Headers of a request, before the peer sees them. `host`: the peer's own. */
  headers?(headers: Record<string, string>, host: GatewayHost): Record<string, string>
  /** Its path and query. */
  path?(path: string): string
  /** Of a WebSocket, and of the lines of a POST. */
  twist?(): Twist
  /** In place of the code the peer closes with. */
  close?(code: number): number
  /** The status of a POST. */
  status?(status: number): number
  /** Nothing passes after the upgrade. */
  silent?: boolean
}

export class BrokenGateway {
  readonly #server: Server
  readonly #sockets: WebSocketServer
  readonly #peer: GatewayHost
  readonly #fault: Fault

  constructor(peer: GatewayHost, fault: Fault) {
    this.#peer = peer
    this.#fault = fault
    this.#sockets = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first ?? false })
    this.#server = createServer((incoming, response) => this.#post(incoming, response))
    this.#server.on('upgrade', (incoming, socket, head) => {
      socket.on('error', () => socket.destroy())
      const { url, protocols, headers } = this.#forwarded(incoming)
      const peer = new WebSocket(url, protocols, { headers, perMessageDeflate: false })
      peer.on('error', () => socket.destroy())
      peer.on('unexpected-response', (_, { statusCode }) =>
        socket.end(`HTTP/1.1 ${statusCode} no\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`),
      )
      peer.on('open', () => {
        // what the peer chose is what the client is told
        incoming.headers['sec-websocket-protocol'] = peer.protocol === '' ? undefined : peer.protocol
        this.#sockets.handleUpgrade(incoming, socket, head, client => this.#join(client, peer))
      })
    })
  }

  async listen(): Promise<this> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get url(): URL {
    return new URL(`ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/amp/mesh`)
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #join(client: WebSocket, peer: WebSocket): void {
    const { twist, close = code => code, silent } = this.#fault
    const { down = unchanged, up, hangsUp }: Twist = twist?.() ?? {}
    const isBinary = client.protocol === 'amp.v1.msgpack'
    const tell = (messages: readonly Message[]) => {
      for (const message of messages) client.send(isBinary ? packBody(message) : JSON.stringify(message))
      if (messages.some(message => hangsUp?.(message))) client.close(1011)
    }
    client.on('error', () => {})
    client.on('close', () => peer.terminate())
    peer.on('close', code => {
      if (code === 1006) client.terminate()
      else client.close(code === 1005 ? 1000 : close(code))
    })
    client.on('message', (data: Buffer, binary) => {
      const message = binary === isBinary ? decoded(data, isBinary) : undefined
      if (message === undefined || up === undefined) return peer.send(data, { binary })
      const passed = up(message)
      if (passed === message) peer.send(data, { binary })
      else if ('type' in passed) peer.send(isBinary ? packBody(passed) : JSON.stringify(passed))
      else tell(passed)
    })
    peer.on('message', (data: Buffer) => {
      if (!silent) tell(down(decoded(data, isBinary) ?? { type: 'unreadable' }))
    })
  }

  #post(incoming: IncomingMessage, response: ServerResponse): void {
    const { twist, status = code => code } = this.#fault
    const { down = unchanged }: Twist = twist?.() ?? {}
    const { url, headers } = this.#forwarded(incoming)
    url.protocol = 'http:'
    const forwarded = request(url, { method: incoming.method ?? 'POST', headers, agent: false }, answer => {
      response.writeHead(status(answer.statusCode ?? 500), { 'content-type': answer.headers['content-type'] })
      if (!answer.headers['content-type']?.includes('ndjson')) return answer.pipe(response)
      let rest = ''
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines)
          for (const message of down(JSON.parse(line) as Message)) response.write(`${JSON.stringify(message)}\n`)
      })
      answer.on('end', () => response.end())
    })
    forwarded.on('error', () => response.destroy())
    response.on('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  }

  /** The request as it goes on to the peer. Its own page is the proxy's, its own name the proxy's address. */
  #forwarded({ url: path = '', headers: given }: IncomingMessage) {
    const target = new URL(this.#peer.gatewayUrl)
    const { host: own } = this.url
    const { host = '', origin, authorization, 'sec-websocket-protocol': offered = '', 'content-length': length } = given
    const plain = {
      host: host === own ? target.host : host,
      ...(origin !== undefined && { origin: origin.replace(own, target.host) }),
      ...(authorization !== undefined && { authorization }),
      ...(offered !== '' && { 'sec-websocket-protocol': offered }),
      ...(length !== undefined && { 'content-length': length }),
    }
    const { 'sec-websocket-protocol': wanted = '', ...headers } =
      this.#fault.headers?.(plain, this.#peer) ?? (plain as Record<string, string>)
    const url = new URL(this.#fault.path?.(path) ?? path, target)
    const protocols = wanted.split(',').flatMap(each => each.trim() || [])
    return { url, protocols, headers }
  }
}

const unchanged = (message: Message): readonly Message[] => [message]

function decoded(data: Buffer, isBinary: boolean): Message | undefined {
  try {
    const value = isBinary ? unpackBody(data, { maxBytes: data.length }) : JSON.parse(data.toString())
    return typeof value === 'object' && value !== null && 'type' in value ? (value as Message) : undefined
  } catch {
    return undefined
  }
}
