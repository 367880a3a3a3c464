/**
 * The index of a peer: the words and vectors of all cards it knows, kept as cards come, change and go, and searched
 * within milliseconds.
 */
import { type AgentCard, type AgentId, type Cancel, type Embedder, PEER_LIMITS } from '@amp-mesh/protocol'
import type { WordStatistics } from './bm25.ts'
import { rowsBroughtBy } from './card-vectors.ts'
import type { Directory } from './directory.ts'
import { Best, highest } from './highest.ts'
import { passagesOf } from './passages.ts'
import { type Evidence, fusionOf, type Ranked, type Request, rank, similarityFor } from './rank.ts'
import { mostApart } from './sign-bits.ts'
import { type Probe, toInt8, VectorRows } from './vector-rows.ts'
import { WordIndex } from './word-index.ts'
import { type StemUse, stemsOf, stemsOfCard } from './word-keys.ts'

/** Cards whose vectors are made at once; the process does other things in between. */
const BATCH = 32
/** Chosen cards whose vectors are made before a search among them: more than a lookup brings. */
const CHOSEN = 256
/** Cards looked at closely first, for their words: what they reach the others must exceed. */
const FIRST = 32

/** Steps of word scores for which it is reckoned how far vectors may be apart. */
const WORD_STEPS = 256

/** Rounds in which the best are looked at again because of vectors they had brought; then such vectors don't count. */
const ROUNDS = 4

export interface CardIndexInit {
  embedder: Embedder
  /** Cards kept; the oldest go (default: as many as a directory holds). */
  cards?: number
  /** Resolves once others had their turn: vectors are then made as cards come, not first when somebody searches. */
  pause?: () => Promise<void>
  /** Told when the embedder fails: words still find, and cards wait for their vectors. */
  onTrouble?: (error: unknown) => void
}

export interface SearchOptions {
  limit: number
  /** Only these agents' cards; all of them are looked at. */
  among?: Iterable<AgentId>
  accept?: (card: AgentCard) => boolean
  /** How frequent words are, where more is known of it than these cards tell. */
  words?: WordStatistics
  signal?: AbortSignal
}

interface Entry {
  /** The latest with these words. */
  card: AgentCard
  readonly number: number
  /** Its passages' rows; undefined until there are vectors. */
  rows: readonly number[] | undefined
  /** Whether they came with the card: its publisher may have made them fit everything. */
  brought: boolean
}

export class CardIndex {
  readonly embedder: Embedder
  readonly #init: CardIndexInit
  readonly #rows: VectorRows
  readonly #words = new WordIndex()
  readonly #entries = new Map<AgentId, Entry>()
  /** By card number. */
  readonly #numbered: (Entry | undefined)[] = []
  readonly #free: number[] = []
  readonly #waiting = new Set<Entry>()
  #settling: Promise<void> | undefined

  constructor(init: CardIndexInit) {
    this.embedder = init.embedder
    this.#init = init
    this.#rows = new VectorRows(init.embedder.dimensions)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Memory the vectors take, bytes. */
  get vectorBytes(): number {
    return this.#rows.bytes
  }

  /** Takes a card up, in place of an earlier one of its agent. Its words count at once, its vectors when made. */
  put(card: AgentCard): void {
    const known = this.#entries.get(card.agent)
    if (known !== undefined && contentOf(known.card) === contentOf(card)) {
      known.card = card
      return
    }
    this.remove(card.agent)
    const number = this.#free.pop() ?? this.#numbered.length
    const entry: Entry = { card, number, rows: undefined, brought: false }
    this.#entries.set(card.agent, entry)
    this.#numbered[number] = entry
    this.#words.add(number, stemsOfCard(card))
    const brought = rowsBroughtBy(card, this.embedder)
    if (brought === undefined) this.#waiting.add(entry)
    else this.#store(entry, brought, true)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= (this.#init.cards ?? PEER_LIMITS.cards)) break
      this.remove(oldest)
    }
    if (this.#init.pause !== undefined) void this.settle().catch(() => {})
  }

  remove(agent: AgentId): void {
    const entry = this.#entries.get(agent)
    if (entry === undefined) return
    this.#entries.delete(agent)
    this.#waiting.delete(entry)
    this.#numbered[entry.number] = undefined
    this.#free.push(entry.number)
    this.#words.remove(entry.number, stemsOfCard(entry.card))
    this.#clear(entry)
  }

  /** Holds what the directory holds, from now on. */
  follow(directory: Directory): Cancel {
    for (const card of directory.all()) this.put(card)
    return directory.subscribe(({ change, card }) => {
      if (change === 'new' || change === 'newer') this.put(card)
      else this.remove(card.agent)
    })
  }

  /** Makes all vectors that are missing. Rejects as the embedder does; what is left then is tried again later. */
  settle(): Promise<void> {
    this.#settling ??= this.#settle().finally(() => {
      this.#settling = undefined
    })
    return this.#settling
  }

  /** Words and vector of a request; the words alone if the embedder fails. */
  async request(text: string, signal?: AbortSignal): Promise<Request> {
    const vector = await this.#tolerate(this.embedder.embed([text], signal), signal)
    return { text, vector: vector?.[0] ?? new Float32Array(this.embedder.dimensions) }
  }

  /**
   * The cards that fit best, best first. Missing vectors are made before: of chosen cards all, else as far as one batch
   * goes; cards still without are judged by their words. Vectors that a card brought along get it looked at; before it
   * is given, they are made here from its words.
   */
  async search(request: Request, options: SearchOptions): Promise<Ranked[]> {
    const { among, signal } = options
    const missing = among === undefined ? [...this.#waiting].slice(0, BATCH) : this.#known(among).slice(0, CHOSEN)
    const waiting = missing.filter(entry => this.#waiting.has(entry))
    await this.#tolerate(this.#embed(waiting, signal), signal)
    const asked = stemsOf(request.text)
    let best = this.#best(request.vector, asked, options, true)
    for (let round = 1; round <= ROUNDS && best.some(({ entry }) => entry.brought); round++) {
      const unproven = best.map(({ entry }) => entry).filter(({ brought }) => brought)
      await this.#tolerate(this.#embed(unproven, signal), signal)
      best = this.#best(request.vector, asked, options, round < ROUNDS)
    }
    return best.map(({ entry: { card }, passage, similarity, words, score }) => {
      return { card, similarity, words, score, capability: capabilityOf(card, passage, asked) }
    })
  }

  /** `trusting`: whether vectors count that cards have brought. */
  #best(
    vector: Float32Array,
    asked: ReadonlyMap<string, StemUse>,
    { limit, among, accept, words: statistics }: SearchOptions,
    trusting: boolean,
  ) {
    const words = this.#words.scores(asked, statistics)
    const probe = this.#rows.probe(vector)
    const best = new Best<Evidence & { entry: Entry; passage: number }>(limit)
    const look = (entry: Entry) => {
      const evidence = { words: words[entry.number] ?? 0, ...this.#closest(probe, entry, trusting) }
      const value = fusionOf(evidence)
      if (value > best.threshold && accept?.(entry.card) !== false) best.offer({ entry, ...evidence }, value)
    }
    if (among === undefined) this.#lookThrough(words, probe, best, look)
    else for (const entry of this.#known(among)) look(entry)
    return rank(best.items())
  }

  /**
   * Looks closely at all cards that may be among the best: a card whose words leave it too far behind, even if its
   * vector fitted as well as its bits let it, is passed over. So the result is that of looking at all, unless bits err.
   */
  #lookThrough(words: Float32Array, probe: Probe, best: Best<unknown>, look: (entry: Entry) => void): void {
    const seen = new Set<Entry>()
    const lookOnce = (entry: Entry | undefined) => {
      if (entry === undefined || seen.has(entry)) return
      seen.add(entry)
      look(entry)
    }
    for (const number of highest(words, FIRST)) lookOnce(this.#numbered[number])
    for (const entry of this.#waiting) lookOnce(entry)
    const mostFor = (score: number) => mostApart(similarityFor(best.threshold, score))
    // beforehand for each step, and a score rounded up: very many rows are asked for
    const most = Int16Array.from({ length: WORD_STEPS + 1 }, (_, step) => mostFor(step / WORD_STEPS))
    const { owners, apart } = this.#rows.near(
      probe,
      number => most[Math.ceil((words[number] as number) * WORD_STEPS)] as number,
    )
    const closest = new Best<number>(FIRST)
    for (let at = 0; at < owners.length; at++) closest.offer(owners[at] as number, -(apart[at] as number))
    for (const number of closest.items()) lookOnce(this.#numbered[number])
    for (let at = 0; at < owners.length; at++) {
      const number = owners[at] as number
      if ((apart[at] as number) <= mostFor(words[number] as number)) lookOnce(this.#numbered[number])
    }
  }

  #known(agents: Iterable<AgentId>): Entry[] {
    return [...agents].flatMap(agent => this.#entries.get(agent) ?? [])
  }

  /** The passage of the card closest to the probe, by position, and its cosine, if above 0. */
  #closest(probe: Probe, { rows = [], brought }: Entry, trusting: boolean): { passage: number; similarity: number } {
    let closest = { passage: 0, similarity: 0 }
    if (brought && !trusting) return closest
    for (let passage = 0; passage < rows.length; passage++) {
      const similarity = this.#rows.similarity(probe, rows[passage] as number)
      if (similarity > closest.similarity) closest = { passage, similarity }
    }
    return closest
  }

  async #settle(): Promise<void> {
    while (this.#waiting.size > 0) {
      await this.#embed([...this.#waiting].slice(0, BATCH))
      await this.#init.pause?.()
    }
  }

  async #embed(entries: readonly Entry[], signal?: AbortSignal): Promise<void> {
    const passages = entries.map(({ card }) => passagesOf(card).map(({ text }) => text))
    const texts = passages.flat()
    if (texts.length === 0) return
    const vectors = (await this.embedder.embed(texts, signal)).values()
    for (const [i, own] of passages.entries()) {
      const rows = own.map(() => vectors.next().value)
      const entry = entries[i]
      // it went, or was done by another search
      if (entry === undefined || this.#numbered[entry.number] !== entry || !this.#lacks(entry)) continue
      this.#waiting.delete(entry)
      this.#store(
        entry,
        rows.map(vector => toInt8(vector ?? new Float32Array(this.#rows.dimensions))),
        false,
      )
    }
  }

  #lacks(entry: Entry): boolean {
    return entry.brought || this.#waiting.has(entry)
  }

  #store(entry: Entry, vectors: readonly Int8Array[], brought: boolean): void {
    this.#clear(entry)
    entry.rows = vectors.map(vector => this.#rows.add(vector, entry.number))
    entry.brought = brought
  }

  #clear({ rows }: Entry): void {
    for (const row of rows ?? []) this.#rows.remove(row)
  }

  async #tolerate<T>(attempt: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
    try {
      return await attempt
    } catch (error) {
      signal?.throwIfAborted()
      this.#init.onTrouble?.(error)
      return undefined
    }
  }
}

/** All that the index reads of a card: a renewed one says the same. */
const contentOf = ({ description, capabilities, vectors }: AgentCard) =>
  JSON.stringify([description, capabilities, vectors?.space])

/** The capability of the closest passage with most of the words asked for. */
function capabilityOf(card: AgentCard, passage: number, asked: ReadonlyMap<string, unknown>): string {
  if (card.capabilities.length === 1) return card.capabilities[0]?.text ?? ''
  const shared = (at: number) => [...stemsOf(card.capabilities[at]?.text ?? '').keys()].filter(stem => asked.has(stem))
  const able = passagesOf(card)[passage]?.capabilities ?? []
  const best = able.reduce((a, b) => (shared(b).length > shared(a).length ? b : a), able[0] ?? 0)
  return card.capabilities[best]?.text ?? ''
}
