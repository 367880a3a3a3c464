/** Who may have what: a request judged by its Host, its Origin and its token. Pure. */
import { isIP } from 'node:net'

/** The headers that decide. */
export interface Visit {
  readonly host?: string | undefined
  readonly origin?: string | undefined
  /** Sec-Fetch-Site. */
  readonly site?: string | undefined
  readonly authorization?: string | undefined
}

export interface Refusal {
  readonly status: 401 | 403 | 421
  readonly why: string
}

/**
 * The page itself is public. Its Host must be an IP address, this machine or a name its owner gave: else any site could
 * point a name of its own at us and read along as "same origin" (DNS rebinding).
 */
export function refusalOfPage({ host }: Visit, names: readonly string[]): Refusal | undefined {
  const name = hostnameOf(host)
  if (name === undefined || !(isOwnName(name) || names.includes(name)))
    return { status: 421, why: `not served under this name; start the peer with --page-host ${name ?? '<name>'}` }
  return undefined
}

/** What the peer keeps for itself: only for this very page, with the token. `isToken` compares in constant time. */
export function refusalOfPrivate(
  visit: Visit,
  names: readonly string[],
  isToken: (given: string) => boolean,
): Refusal | undefined {
  const refused = refusalOfPage(visit, names)
  if (refused !== undefined) return refused
  const { origin, host, site, authorization = '' } = visit
  if (origin !== undefined && originHost(origin) !== host) return { status: 403, why: 'not from this page' }
  if (site !== undefined && site !== 'same-origin') return { status: 403, why: 'not from this page' }
  const [, given = ''] = /^Bearer ([\w-]{1,128})$/.exec(authorization) ?? []
  return isToken(given) ? undefined : { status: 401, why: 'open the page with the address the peer printed' }
}

const isOwnName = (name: string): boolean =>
  name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[|\]$/g, '')) !== 0

const hostnameOf = (host: string | undefined): string | undefined =>
  host === undefined ? undefined : URL.parse(`http://${host}/`)?.hostname

const originHost = (origin: string): string | undefined => URL.parse(origin)?.host
