/**
 * Who gives a place up when all are taken, and who is chosen for one: addresses are cheap to whoever owns a network, so
 * that places are shared among networks, and nobody who has many of the one keeps those of others out.
 */

/** The network an IP address is in: 256 of IPv4, of IPv6 a /48, which is what one customer gets. */
export function subnetOf(ip: string): string {
  const plain = ip.replace(/^::ffff:(?=\d+\.)/, '')
  if (plain.includes('.')) return plain.split('.').slice(0, 3).join('.')
  const [head = ''] = plain.split('::', 1)
  const groups = head.split(':')
  return [0, 1, 2].map(n => groups[n] || '0').join(':')
}

/**
 * Of those who hold places, the oldest first, the youngest of the subnet that has most of them: whoever was there
 * before the crowd came stays. Nobody where the newcomer's own subnet would then have as many: it waits like others.
 */
export function whoYields<T>(newcomer: string, holders: Iterable<T>, subnet: (holder: T) => string): T | undefined {
  const bySubnet = new Map<string, T[]>()
  for (const holder of holders) {
    const held = bySubnet.get(subnet(holder)) ?? []
    bySubnet.set(subnet(holder), held)
    held.push(holder)
  }
  const most = [...bySubnet.values()].reduce((a, b) => (b.length > a.length ? b : a), [])
  return most.length > (bySubnet.get(newcomer)?.length ?? 0) + 1 ? most.at(-1) : undefined
}

/** Those that hold no place, of the networks with the fewest holders first; of one network, in the order they have. */
export function byTurns<T>(all: readonly T[], subnet: (each: T) => string, holds: (each: T) => boolean): T[] {
  const taken = new Map<string, number>()
  const take = (each: T) => {
    const turn = taken.get(subnet(each)) ?? 0
    taken.set(subnet(each), turn + 1)
    return turn
  }
  for (const each of all) if (holds(each)) take(each)
  return all
    .filter(each => !holds(each))
    .map(each => ({ each, turn: take(each) }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ each }) => each)
}
