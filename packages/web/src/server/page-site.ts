/** The page as a peer serves it on its one port, and what only its owner may read there. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Peer, Space } from '@amp-mesh/peer'
import { sha256, utf8 } from '@amp-mesh/protocol'
import { summaryOf } from '../page/model/space-summary.ts'
import type { KeptSpace } from '../page/session/archive.ts'
import { type PageFiles, pageFiles } from './page-files.ts'
import { type Refusal, refusalOfPage, refusalOfPrivate, type Visit } from './visit.ts'

export interface PageSiteInit {
  /** Names under which the page may be opened, e.g. that of a TLS front; IP addresses and localhost always may. */
  names?: readonly string[]
  /** The port answers TLS, under the first of the names if there is one. */
  secure?: boolean
  /** The built page; default: found, or built on first use. */
  files?(): Promise<PageFiles>
}

export interface PageSite {
  /** Answers GET and HEAD. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /** Its owner may read this peer's questions on the page from now on. */
  show(peer: Pick<Peer, 'spaces' | 'clock'>): void
  /** Where a person opens the page of a peer with these multiaddrs; the fragment holds the token. */
  url(addresses: readonly string[], fields?: Readonly<Record<string, string>>): string | undefined
}

/** Scripts and styles of our own only, no inline ones, no eval, no markup from text; sockets to any peer. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "worker-src 'self'",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

const PRIVATE = '/private/spaces'

export function pageSite({ names = [], secure = false, files = pageFiles }: PageSiteInit = {}): PageSite {
  const token = randomBytes(16).toString('base64url')
  const hash = sha256(utf8(token))
  const isToken = (given: string) => timingSafeEqual(sha256(utf8(given)), hash)
  let peer: Pick<Peer, 'spaces' | 'clock'> | undefined
  let built: Promise<PageFiles> | undefined

  async function servePage(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    built ??= files().catch(error => {
      built = undefined // the next visitor tries again
      throw error
    })
    const file = (await built).get(path === '/' ? '/index.html' : path)
    if (file === undefined) return refuse(response, { status: 404, why: 'nothing here' })
    const isZipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    response.writeHead(200, {
      ...HEADERS,
      'content-type': file.type,
      'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      ...(isZipped && { 'content-encoding': 'gzip' }),
    })
    response.end(isZipped ? file.gzipped : file.bytes)
  }

  function servePrivate(path: string, response: ServerResponse): void {
    const spaces = peer?.spaces() ?? []
    if (path === PRIVATE)
      return json(
        response,
        spaces.map(space => summaryOf(sourceOf(space), peer?.clock.now() ?? 0, 'kept')),
      )
    const space = spaces.find(({ id }) => path === `${PRIVATE}/${id}`)
    if (space === undefined) refuse(response, { status: 404, why: 'nothing here' })
    else json(response, kept(space))
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/'] = (request.url ?? '/').split('?', 1)
    const visit = visitOf(request)
    const isPrivate = path === PRIVATE || path.startsWith(`${PRIVATE}/`)
    const refusal = isPrivate ? refusalOfPrivate(visit, names, isToken) : refusalOfPage(visit, names)
    if (refusal !== undefined) refuse(response, refusal)
    else if (isPrivate) servePrivate(path, response)
    else await servePage(path, request, response)
  }

  return {
    handler(request, response) {
      answer(request, response).catch(error => refuse(response, { status: 500, why: String(error) }))
    },
    show(shown) {
      peer = shown
    },
    url(addresses, fields = {}) {
      const origin = addresses.map(address => originOf(address, secure, names[0])).find(each => each !== undefined)
      return origin && `${origin}/#${new URLSearchParams({ token, ...fields })}`
    },
  }
}

const visitOf = ({ headers }: IncomingMessage): Visit => ({
  host: headers.host,
  origin: headers.origin,
  site: headers['sec-fetch-site']?.toString(),
  authorization: headers.authorization,
})

function refuse(response: ServerResponse, { status, why }: Omit<Refusal, 'status'> & { status: number }): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  response.end(`${why}\n`)
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(value))
}

const sourceOf = ({ id, genesis, replica }: Space) => ({ id, genesis, records: replica.records })

const kept = ({ id, genesis, replica }: Space): KeptSpace => ({ id, genesis, records: [...replica.records.all()] })

/** `http://host:port` of a multiaddr of a peer's WebSocket port; over TLS by the name its certificate is for. */
function originOf(address: string, secure: boolean, name: string | undefined): string | undefined {
  const [, family, host = '', port] = /^\/(ip4|ip6|dns[46]?)\/([^/]+)\/tcp\/(\d+)\/ws(\/|$)/.exec(address) ?? []
  if (family === undefined) return undefined
  if (secure && name !== undefined) return `https://${name}:${port}`
  return `${secure ? 'https' : 'http'}://${family === 'ip6' ? `[${host}]` : host}:${port}`
}
