/** Routing tables like kad-dht's: for each length of common prefix up to twenty peers, looked after now and then. */
import { placeOfKey } from '@amp-mesh/discovery'
import type { Clock, PeerId } from '@amp-mesh/protocol'

interface Known {
  id: PeerId
  /** The first 32 bits of its place. */
  prefix: number
  born: number
  died: number
}

interface Table {
  contacts: Known[]
  /** Until then nobody looks whether they are still there. */
  until: number
}

const BUCKET = 20
/** A table is looked after this often, ms; in between it names peers that are gone. */
const REFRESH_MS = 10 * 60_000
/** Bits that tell a million peers apart. */
const BITS = 32

export class RoutingTables {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #known = new Map<PeerId, Known>()
  readonly #tables = new Map<PeerId, Table>()
  /** By prefix; those that are gone too. */
  #sorted: Known[] = []
  #isSorted = true

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  add(id: PeerId, place: Uint8Array): void {
    const known = { id, prefix: prefixOf(place), born: this.#clock.now(), died: Number.POSITIVE_INFINITY }
    this.#known.set(id, known)
    this.#sorted.push(known)
    this.#isSorted = false
    this.#introduce(known)
  }

  remove(id: PeerId): void {
    const known = this.#known.get(id)
    if (known !== undefined) known.died = this.#clock.now()
    this.#tables.delete(id)
  }

  /** What the table of `id` says about a key. */
  near(id: PeerId, key: Uint8Array, count: number): PeerId[] {
    const prefix = prefixOf(placeOfKey(key))
    return closest(this.#tableOf(id).contacts, prefix, count).map(known => known.id)
  }

  /** The peers closest to another one that are there. */
  neighbours(id: PeerId, count: number): PeerId[] {
    const prefix = this.#known.get(id)?.prefix ?? 0
    return this.#there(prefix, count, other => other !== id)
  }

  /** The peers that are there and closest to a key, whoever knows them. */
  alive(key: Uint8Array, count: number, isThere: (id: PeerId) => boolean): PeerId[] {
    return this.#there(prefixOf(placeOfKey(key)), count, isThere)
  }

  #there(prefix: number, count: number, isThere: (id: PeerId) => boolean): PeerId[] {
    this.#sort()
    for (let bits = BITS; ; bits--) {
      const within = this.#under(prefix, bits).filter(
        ({ id, died }) => died === Number.POSITIVE_INFINITY && isThere(id),
      )
      if (within.length >= count || bits === 0) return closest(within, prefix, count).map(({ id }) => id)
    }
  }

  #tableOf(id: PeerId): Table {
    const now = this.#clock.now()
    const known = this.#known.get(id)
    const table = this.#tables.get(id)
    if (table !== undefined && table.until > now) return table
    // one made only now was looked after some time ago, like all others
    const looked = table === undefined ? Math.max(known?.born ?? 0, now - this.#random() * REFRESH_MS) : now
    const made = { contacts: this.#contacts(known?.prefix ?? 0, id, looked), until: looked + REFRESH_MS }
    this.#tables.set(id, made)
    return made
  }

  #contacts(own: number, id: PeerId, at: number): Known[] {
    this.#sort()
    const there = (known: Known) => known.born <= at && known.died > at && known.id !== id
    const contacts: Known[] = []
    for (let bits = 0; bits < BITS; bits++) {
      const within = this.#under(own, bits).filter(there)
      if (within.length <= BUCKET) return [...contacts, ...within]
      const other = this.#under((own ^ (1 << (BITS - 1 - bits))) >>> 0, bits + 1)
      const candidates = other.length > 8 * BUCKET ? this.#some(other, 4 * BUCKET) : other
      contacts.push(...this.#some(candidates.filter(there), BUCKET))
    }
    return contacts
  }

  /** Whoever comes makes itself known to its neighbours. */
  #introduce(newcomer: Known): void {
    if (this.#tables.size === 0) return
    this.#sort()
    let neighbours: Known[] = []
    for (let bits = BITS; bits >= 0 && neighbours.length < BUCKET; bits--)
      neighbours = this.#under(newcomer.prefix, bits)
    for (const { id } of neighbours) if (id !== newcomer.id) this.#tables.get(id)?.contacts.push(newcomer)
  }

  #some(list: readonly Known[], count: number): Known[] {
    if (list.length <= count) return [...list]
    const picked = new Set<Known>()
    while (picked.size < count) picked.add(list[Math.floor(this.#random() * list.length)] as Known)
    return [...picked]
  }

  /** Those with the first `bits` bits of a prefix. */
  #under(prefix: number, bits: number): Known[] {
    const size = 2 ** (BITS - bits)
    const from = Math.floor(prefix / size) * size
    return this.#sorted.slice(this.#position(from), this.#position(from + size))
  }

  #position(prefix: number): number {
    let [from, to] = [0, this.#sorted.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#sorted[middle]?.prefix ?? 0) < prefix) from = middle + 1
      else to = middle
    }
    return from
  }

  #sort(): void {
    if (!this.#isSorted) this.#sorted.sort((a, b) => a.prefix - b.prefix)
    this.#isSorted = true
  }
}

const prefixOf = (place: Uint8Array) => new DataView(place.buffer, place.byteOffset).getUint32(0)

function closest(contacts: readonly Known[], prefix: number, count: number): Known[] {
  const best: { known: Known; distance: number }[] = []
  for (const known of contacts) {
    const distance = (known.prefix ^ prefix) >>> 0
    if (best.length === count && distance >= (best.at(-1)?.distance ?? 0)) continue
    let at = best.length
    while (at > 0 && (best[at - 1]?.distance ?? 0) > distance) at--
    best.splice(at, 0, { known, distance })
    if (best.length > count) best.pop()
  }
  return best.map(({ known }) => known)
}
