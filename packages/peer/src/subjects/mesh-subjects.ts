/** Subjects of the mesh: published by gossip, matched here, at most once; neighbours remember the last ones. */
import {
  AmpError,
  agentIdOf,
  type Cancel,
  type Clock,
  decodeMessage,
  encodeMessage,
  type Json,
  type Message,
  type Network,
  PEER_LIMITS,
  type PeerId,
  SUBJECT_LIMITS,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { encodeBody, readBody } from '../delivery/body.ts'
import { EventQueue, listening } from '../event-queue.ts'
import type { Lines } from '../lines.ts'
import { Rate } from '../rate.ts'
import { Board } from './board.ts'
import { authorOf, isGenuine, type Publication, type PublicationWorld, signPublication } from './publication.ts'
import { isPattern, isSubject, matcherOf } from './subject.ts'
import type { Published, SubscribeOptions, Subscription } from './subscription.ts'

export interface MeshSubjectsInit extends PublicationWorld {
  network: Pick<Network, 'publish' | 'subscribe'>
  topic: string
  lines: Lines
  clock: Clock
}

interface Reader {
  readonly fits: (subject: string) => boolean
  readonly queue: EventQueue<Published>
  /** What it was given, while neighbours tell what was before. */
  readonly given: Set<string>
}

/** Bytes of the bodies in one `recalled`. */
const RECALLED_BYTES = WIRE_LIMITS.message - 8 * 1024
/** Of a publication beside its body. */
const ENVELOPE = 600

export class MeshSubjects {
  readonly #init: MeshSubjectsInit
  readonly #board = new Board()
  readonly #readers = new Set<Reader>()
  readonly #rates = new Map<PeerId, Rate>()
  readonly #recalls = new Map<number, (from: PeerId, publications: readonly Publication[]) => void>()
  readonly #stop: Cancel
  #ids = 0

  constructor(init: MeshSubjectsInit) {
    this.#init = init
    this.#stop = init.network.subscribe(init.topic, (bytes, from) => this.#gossiped(bytes, from))
    init.lines.take({
      recall: (message, from) => this.#recall(message, from),
      recalled: ({ id, publications }, from) => this.#recalls.get(id)?.(from, publications),
    })
  }

  /** Resolves when it is given to the network. Rejects with `bad-input` or `too-large`. */
  async publish(subject: string, data: Json, by?: string): Promise<void> {
    if (!isSubject(subject)) throw new AmpError('bad-input', `not a subject: ${subject.slice(0, 80)}`)
    const body = encodeBody(data)
    if (body.length > WIRE_LIMITS.publication)
      throw new AmpError('too-large', `a publication holds ${WIRE_LIMITS.publication} bytes: share it as an artifact`)
    const { clock, network, topic } = this.#init
    const time = clock.now()
    const publication = await signPublication(this.#init, { subject, body, time, ...(by !== undefined && { by }) })
    this.#hear(publication)
    await network.publish(topic, encodeMessage({ type: 'publication', ...publication }))
  }

  /** Hears from now on, whether it is read yet or not. Throws `bad-input` or `busy`. */
  subscribe(pattern: string, { last = 0, signal }: SubscribeOptions = {}): Subscription {
    const fits = matcherOf(pattern)
    if (this.#readers.size >= SUBJECT_LIMITS.subscriptions) throw new AmpError('busy', 'too many subscriptions')
    const queue = new EventQueue<Published>(SUBJECT_LIMITS.unread)
    const reader: Reader = { fits, queue, given: new Set() }
    const stop = () => {
      this.#readers.delete(reader)
      queue.end()
    }
    this.#readers.add(reader)
    const heard = listening(queue, stop, signal)
    if (last > 0 && this.#readers.has(reader)) void this.#tellLast(reader, pattern, Math.min(last, SUBJECT_LIMITS.ring))
    return {
      get missed() {
        return queue.missed
      },
      [Symbol.asyncIterator]: () => heard[Symbol.asyncIterator](),
    }
  }

  close(): void {
    this.#stop()
    for (const { queue } of this.#readers) queue.end()
    this.#readers.clear()
  }

  #gossiped(bytes: Uint8Array, from: PeerId): 'accept' | 'ignore' | 'reject' {
    const { clock } = this.#init
    try {
      const message = decodeMessage(bytes, { maxBytes: WIRE_LIMITS.gossip })
      if (message.type !== 'publication' || !isSubject(message.subject)) return 'reject'
      // gossip itself proves who its author is: the signature is for those who hear of it later
      if (authorOf(message) !== from) return 'reject'
      if (Math.abs(clock.now() - message.time) > PEER_LIMITS.freshMs) return 'ignore'
      if (this.#rateOf(from).take(clock.now()) > 0) return 'ignore'
      this.#hear(message)
      return 'accept'
    } catch {
      return 'reject'
    }
  }

  #hear(publication: Publication): void {
    if (!this.#board.add(publication)) return
    const readers = [...this.#readers].filter(({ fits }) => fits(publication.subject))
    if (readers.length === 0) return
    const published = readable(publication)
    for (const reader of readers) if (published !== undefined) give(reader, published)
  }

  #rateOf(author: PeerId): Rate {
    const known = this.#rates.get(author)
    if (known !== undefined) return known
    if (this.#rates.size >= SUBJECT_LIMITS.authors) this.#rates.delete(this.#rates.keys().next().value ?? '')
    const rate = new Rate(SUBJECT_LIMITS, this.#init.clock.now())
    this.#rates.set(author, rate)
    return rate
  }

  /** Asks some neighbours; what came meanwhile by gossip is given first, and nothing twice. */
  async #tellLast(reader: Reader, pattern: string, count: number): Promise<void> {
    const { lines, clock } = this.#init
    const asked = lines.linked().slice(0, SUBJECT_LIMITS.recallPeers)
    if (asked.length > 0) {
      const id = ++this.#ids
      const silent = new Set(asked)
      await new Promise<void>(resolve => {
        const end = () => {
          cancel()
          this.#recalls.delete(id)
          resolve()
        }
        const cancel = clock.after(SUBJECT_LIMITS.recallMs, end)
        this.#recalls.set(id, (from, publications) => {
          if (!silent.delete(from)) return
          for (const each of publications)
            if (reader.fits(each.subject) && isSubject(each.subject) && isGenuine(this.#init, each))
              this.#board.add(each)
          if (silent.size === 0) end()
        })
        for (const peer of asked)
          if (!lines.post(peer, { type: 'recall', id, pattern, last: count })) silent.delete(peer)
        if (silent.size === 0) end()
      })
    }
    for (const publication of this.#board.last(reader.fits, count)) {
      const published = readable(publication)
      if (published !== undefined) give(reader, published)
    }
    reader.given.clear()
  }

  #recall({ id, pattern, last }: Message<'recall'>, from: PeerId): void {
    if (!isPattern(pattern)) throw new AmpError('bad-message', 'not a pattern of subjects')
    const newest = this.#board.last(matcherOf(pattern), Math.min(last, SUBJECT_LIMITS.ring)).reverse()
    let bytes = 0
    const fits = newest.findIndex(({ body }) => {
      bytes += body.length + ENVELOPE
      return bytes > RECALLED_BYTES
    })
    const publications = newest.slice(0, fits < 0 ? undefined : fits).reverse()
    this.#init.lines.post(from, { type: 'recalled', id, publications })
  }
}

function give({ queue, given }: Reader, published: Published): void {
  if (given.has(published.id)) return
  given.add(published.id)
  if (given.size > SUBJECT_LIMITS.ring) given.delete(given.values().next().value ?? '')
  queue.push(published)
}

/** Undefined for a body that is no JSON. */
function readable(publication: Publication): Published | undefined {
  const { subject, id, time, by, body } = publication
  const from = authorOf(publication)
  try {
    return { subject, data: readBody(body), from, id, time, ...(by !== undefined && { agent: agentIdOf(from, by) }) }
  } catch {
    return undefined
  }
}
