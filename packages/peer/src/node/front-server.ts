/** The one HTTP port of a peer: pages, other people's WebSockets and libp2p behind one door with one set of limits. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { AmpError, type Cancel, TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import { subnetOf, whoYields } from '../network/fair-places.ts'
import { answerTls, type TlsFiles } from './front-tls.ts'
import { isLoopback } from './listen-address.ts'

export type PageHandler = (request: IncomingMessage, response: ServerResponse) => void
/** Owns the socket from here on: a `ws` server made with `noServer: true` takes it as it is. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface FrontLimits {
  socketsPerIp: number
  sockets: number
  /** From the connection to the end of the request's headers, ms. */
  firstByteMs: number
}

export interface FrontInit extends FrontLimits {
  /** Answers TLS too, on the same port. */
  tls?: TlsFiles | undefined
  /** Whether other machines are answered without TLS; libp2p, which encrypts itself, always is. Default: yes. */
  plain?: boolean | undefined
}

/** A request line and headers of ours are far below this. */
const HEADER_BYTES = 8 * 1024
const NEEDS_TLS = 'this peer answers other machines over TLS only: see --tls-cert, --tls-key and --insecure'
/** An idle connection a browser may keep for its next request, ms. */
const KEEP_ALIVE_MS = 5_000

/**
 * Routes are paths: `/mesh` is exactly that one, `/context/` (ending in a slash) all below it, `/` only the root. What
 * nobody registered is answered by the handler for `elsewhere`, or with 404; an unknown upgrade is cut.
 */
export class FrontServer {
  readonly #server: Server
  readonly #pages = new Map<string, PageHandler>()
  readonly #posts = new Map<string, PageHandler>()
  readonly #upgrades = new Map<string, UpgradeHandler>()
  #elsewhere: PageHandler | undefined
  /** With the network each comes from, the oldest first. */
  readonly #sockets = new Map<Socket, string>()
  readonly #perIp = new Map<string, number>()
  readonly #limits: FrontLimits
  readonly #plain: boolean
  /** It answers TLS. */
  readonly secure: boolean

  constructor(limits: FrontInit = TRANSPORT_LIMITS) {
    this.#limits = limits
    this.#plain = limits.plain ?? true
    this.secure = limits.tls !== undefined
    this.#server = createServer({
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: limits.firstByteMs,
      requestTimeout: limits.firstByteMs,
      connectionsCheckingInterval: Math.min(1_000, limits.firstByteMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
    })
    if (limits.tls !== undefined) answerTls(this.#server, limits.tls, limits.firstByteMs)
    this.#server.prependListener('connection', socket => this.#admit(socket))
    this.#server.on('request', (request, response) => this.#answer(request, response))
    this.#server.on('upgrade', (request, socket, head) => this.#hand(request, socket, head))
  }

  /** Port 0 takes any free one. Rejects with `port-in-use`. */
  async listen(port: number, host = '127.0.0.1'): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => reject(listenError(error, port, host))
      this.#server.once('error', failed)
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', failed)
        resolve()
      })
    })
  }

  /** `host:port` for programs of this machine: who listens on all addresses is reached on its own. */
  get authority(): string | undefined {
    const { host, port } = this
    if (host === undefined || port === undefined) return undefined
    const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
    return `${name.includes(':') ? `[${name}]` : name}:${port}`
  }

  /** The port taken, or undefined when not listening. */
  get port(): number | undefined {
    return this.#address()?.port
  }

  /** The IP address listened on, e.g. 127.0.0.1 or 0.0.0.0. */
  get host(): string | undefined {
    return this.#address()?.address
  }

  /** Answers GET (and HEAD) of `path`. */
  page(path: string, handler: PageHandler): Cancel {
    return register(this.#pages, path, handler)
  }

  /** Answers POST of `path`. */
  post(path: string, handler: PageHandler): Cancel {
    return register(this.#posts, path, handler)
  }

  /** Answers GET (and HEAD) of every path nobody registered, `/` among them. */
  elsewhere(handler: PageHandler): void {
    this.#elsewhere = handler
  }

  /** Takes WebSocket upgrades of `path`. */
  upgrade(path: string, handler: UpgradeHandler): Cancel {
    return register(this.#upgrades, path, handler)
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    for (const socket of this.#sockets.keys()) socket.destroy()
    await closed
  }

  #address(): AddressInfo | undefined {
    const address = this.#server.address()
    return address === null || typeof address === 'string' ? undefined : address
  }

  /** Caps sockets before anything is read from them. */
  #admit(socket: Socket): void {
    const ip = socket.remoteAddress ?? 'unknown'
    const count = (this.#perIp.get(ip) ?? 0) + 1
    if (count > this.#limits.socketsPerIp || (this.#sockets.size >= this.#limits.sockets && !this.#makeRoom(ip))) {
      socket.destroy()
      return
    }
    this.#perIp.set(ip, count)
    this.#sockets.set(socket, subnetOf(ip))
    socket.once('close', () => {
      this.#sockets.delete(socket)
      const left = (this.#perIp.get(ip) ?? 1) - 1
      if (left === 0) this.#perIp.delete(ip)
      else this.#perIp.set(ip, left)
    })
  }

  /** A flood out of one network takes the places of that one only. */
  #makeRoom(ip: string): boolean {
    const yielding = whoYields(subnetOf(ip), this.#sockets, ([, subnet]) => subnet)
    if (yielding === undefined) return false
    const [socket] = yielding
    this.#sockets.delete(socket) // its end is told later, and its place is free now
    socket.destroy()
    return true
  }

  /** Tokens pass here: nobody on the way may read along. */
  #isConfidential({ socket }: IncomingMessage): boolean {
    return this.#plain || socket instanceof TLSSocket || isOfThisMachine(socket)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const posted = request.method === 'POST' ? find(this.#posts, request) : undefined
    const handler = find(this.#pages, request) ?? this.#elsewhere
    if (!this.#isConfidential(request)) refuse(response, 426, NEEDS_TLS)
    else if (posted !== undefined) posted(request, response)
    else if (request.method !== 'GET' && request.method !== 'HEAD') refuse(response, 405, 'only GET')
    else if (handler === undefined) refuse(response, 404, 'nothing here')
    else handler(request, response)
  }

  #hand(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const handler = find(this.#upgrades, request)
    const isLibp2p = pathOf(request) === '/'
    if (handler === undefined || !(isLibp2p || this.#isConfidential(request))) socket.destroy()
    else handler(request, socket, head)
  }
}

function isOfThisMachine({ remoteAddress, localAddress }: Socket): boolean {
  return (
    remoteAddress !== undefined && (remoteAddress === localAddress || isLoopback(remoteAddress.replace(/^::ffff:/, '')))
  )
}

function register<H>(routes: Map<string, H>, path: string, handler: H): Cancel {
  if (routes.has(path)) throw new AmpError('bad-input', `the path ${path} is taken`)
  routes.set(path, handler)
  return () => {
    if (routes.get(path) === handler) routes.delete(path)
  }
}

/** The exact route, else the longest registered folder above the path. */
function find<H>(routes: ReadonlyMap<string, H>, request: IncomingMessage): H | undefined {
  const path = pathOf(request)
  const exact = routes.get(path)
  if (exact !== undefined) return exact
  const folders = [...routes.keys()].filter(route => route.length > 1 && route.endsWith('/') && path.startsWith(route))
  const longest = folders.sort((a, b) => b.length - a.length)[0]
  return longest === undefined ? undefined : routes.get(longest)
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? ''

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${why}\n`)
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === 'EADDRINUSE')
    return new AmpError(
      'port-in-use',
      `port ${port} on ${host} is taken: stop the other program, choose another port, or take 0 for any free one`,
      error.message,
      error,
    )
  if (error.code === 'EACCES')
    return new AmpError('bad-input', `port ${port} needs more rights: choose one above 1023`, error.message, error)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new AmpError('bad-input', `${host} is not an address of this machine`, error.message, error)
  return error
}
