/** Who may speak for this peer over HTTP: a request judged by its Host, its Origin and its token. */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { sha256, utf8 } from '@amp-mesh/protocol'

/** What of a request decides. */
export interface Knock {
  readonly host: string | undefined
  readonly origin: string | undefined
  /** Value of Authorization. */
  readonly authorization: string | undefined
  /** Value of Sec-WebSocket-Protocol. */
  readonly protocols: string | undefined
  /** `token` of the query string, at doors whose clients have no better place for it. */
  readonly query?: string | undefined
}

export interface DoorInit {
  /** Compares in constant time. */
  isToken(given: string): boolean
  /** Names beside IP addresses and localhost under which the peer may be addressed. */
  names: readonly string[]
  /** Other pages that may attach, as origins like `https://notes.example`. */
  origins: readonly string[]
}

export interface Refusal {
  readonly status: 400 | 401 | 403 | 421
  readonly why: string
}

/** What of a request decides, but its query string. */
export function knockOf({ headers }: IncomingMessage): Knock {
  const { host, origin, authorization } = headers
  return { host, origin, authorization, protocols: headers['sec-websocket-protocol'] }
}

/** Whether a token is this one; takes as long for any. */
export function tokenCheck(token: string): (given: string) => boolean {
  const hash = sha256(utf8(token))
  return given => timingSafeEqual(sha256(utf8(given)), hash)
}

const TOKEN_PROTOCOL = 'amp.token.'

/**
 * A browser sends cookies and loopback connections for whatever page is open: so its Origin must be the peer's own or a
 * listed one. Host must be an address, else any site could point a name of its own at us (DNS rebinding). Loopback is
 * no permission: everybody shows the token.
 */
export function refusalOf(knock: Knock, { isToken, names, origins }: DoorInit): Refusal | undefined {
  const { host, origin } = knock
  const name = host === undefined ? undefined : URL.parse(`http://${host}/`)?.hostname
  if (name === undefined || !(isOwnName(name) || names.includes(name)))
    return { status: 421, why: 'not served under this name' }
  if (origin !== undefined && URL.parse(origin)?.host !== host && !origins.includes(origin))
    return { status: 403, why: 'not from this page' }
  return tokensOf(knock).some(isToken) ? undefined : { status: 401, why: 'show the token of this peer' }
}

/** The subprotocol to answer with; a browser hangs up unless one of those it offered comes back. */
export const chosenProtocol = (offered: ReadonlySet<string>): string | false =>
  [...offered].find(protocol => !protocol.startsWith(TOKEN_PROTOCOL)) ?? [...offered][0] ?? false

function tokensOf({ authorization = '', protocols = '', query }: Knock): string[] {
  const [, bearer] = /^Bearer ([\w-]{1,128})$/.exec(authorization) ?? []
  const offered = protocols.split(',').map(each => each.trim())
  const inProtocol = offered
    .filter(each => each.startsWith(TOKEN_PROTOCOL))
    .map(each => each.slice(TOKEN_PROTOCOL.length))
  return [bearer, ...inProtocol, query].filter(token => token !== undefined)
}

const isOwnName = (name: string): boolean =>
  name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[|\]$/g, '')) !== 0
