/** Rendezvous hashing: an order of keys for a thing that everybody computes alike and nobody chose. */
import { sha256, toBase64url, utf8 } from '@amp-mesh/protocol'

/** `keys` in the order in which they are on duty for `thing`. One key leaving moves only what was its own. */
export function dutyOrder(thing: string, keys: Iterable<string>): string[] {
  const weighed = [...keys].map(key => ({ key, weight: toBase64url(sha256(utf8(`${thing}\n${key}`))) }))
  return weighed.sort((a, b) => (a.weight < b.weight ? -1 : a.weight > b.weight ? 1 : 0)).map(({ key }) => key)
}
