/** Which records fit a pattern: lists by subject, object, kind, author …, kept up as records arrive. */
import {
  type AgentId,
  canonicalText,
  GRAPH_LIMITS,
  type Json,
  type Kind,
  type Pattern,
  type PeerId,
  publicKeyOf,
  type Rec,
} from '@amp-mesh/protocol'
import { inOrder } from '../records.ts'
import { speakerId, speakerOf } from '../views/offers.ts'

type Field = 's' | 'p' | 'o' | 'kind' | 'author' | 'key'

/** Holds every record once, whatever became of it: standing and status are for the caller to judge. */
export class PatternIndex {
  readonly #lists: Record<Field, Map<string, Rec[]>> = {
    s: new Map(),
    p: new Map(),
    o: new Map(),
    kind: new Map(),
    author: new Map(),
    key: new Map(),
  }
  readonly #all: Rec[] = []

  get size(): number {
    return this.#all.length
  }

  add(records: Iterable<Rec>): void {
    for (const record of records) {
      this.#all.push(record)
      for (const [field, value] of fieldsOf(record)) {
        const list = this.#lists[field].get(value)
        if (list === undefined) this.#lists[field].set(value, [record])
        else list.push(record)
      }
    }
  }

  reset(records: Iterable<Rec>): void {
    this.#all.length = 0
    for (const lists of Object.values(this.#lists)) lists.clear()
    this.add(records)
  }

  /** Facts and links about a thing, as subject or as object. */
  about(thing: string): Rec[] {
    return [...this.#at('s', thing), ...this.#at('o', objectKey(thing))]
  }

  /** `solved` and `gap` records of a problem. */
  withKey(q: string): readonly Rec[] {
    return this.#at('key', q)
  }

  /** The latest records, up to the pattern's limit, that fit it and that `fits`; earliest first. */
  find(pattern: Pattern, fits: (record: Rec) => boolean): Rec[] {
    const limit = Math.max(0, Math.min(pattern.limit ?? GRAPH_LIMITS.answers, GRAPH_LIMITS.answers))
    const isMatch = matcherOf(pattern)
    const ordered = this.#candidates(pattern).filter(isMatch).sort(inOrder)
    const found: Rec[] = []
    for (let i = ordered.length - 1; i >= 0 && found.length < limit; i--) {
      const record = ordered[i]
      if (record !== undefined && fits(record)) found.push(record)
    }
    return found.reverse()
  }

  /** The shortest list that holds all that can fit. */
  #candidates({ s, p, o, kind, by }: Pattern): readonly Rec[] {
    const kinds = kind === undefined ? undefined : [kind].flat()
    const lists = [
      this.#all,
      ...(s === undefined ? [] : [this.#at('s', s)]),
      ...(p === undefined ? [] : [this.#at('p', p)]),
      ...(o === undefined ? [] : [this.#at('o', objectKey(o))]),
      ...(by === undefined ? [] : [this.#at('author', authorIn(by))]),
      ...(kinds === undefined ? [] : [this.#ofKinds(kinds)]),
    ]
    return lists.reduce((shortest, list) => (list.length < shortest.length ? list : shortest))
  }

  #ofKinds(kinds: readonly Kind[]): readonly Rec[] {
    const [first, ...others] = kinds.map(kind => this.#at('kind', kind))
    return first === undefined || others.length > 0 ? [first ?? [], ...others].flat() : first
  }

  #at(field: Field, value: string): readonly Rec[] {
    return this.#lists[field].get(value) ?? []
  }
}

function fieldsOf({ op, by }: Rec): [Field, string][] {
  const fields: [Field, string][] = [
    ['kind', op.k],
    ['author', by],
  ]
  if (op.k === 'fact' || op.k === 'link') fields.push(['s', op.s], ['p', op.p], ['o', objectKey(op.o)])
  if (op.k === 'solved' || op.k === 'gap') fields.push(['key', op.q])
  return fields
}

/** Equal for equal values. */
const objectKey = (value: Json): string => (typeof value === 'string' ? JSON.stringify(value) : canonicalText(value))

function matcherOf({ s, p, o, kind, by, since = -Infinity, until = Infinity }: Pattern): (record: Rec) => boolean {
  const kinds = kind === undefined ? undefined : new Set<string>([kind].flat())
  const object = o === undefined ? undefined : objectKey(o)
  const speaks = by === undefined ? () => true : speakerTest(by)
  return record => {
    const { op, time } = record
    if (time < since || time > until || kinds?.has(op.k) === false || !speaks(record)) return false
    if (s === undefined && p === undefined && object === undefined) return true
    if (op.k !== 'fact' && op.k !== 'link') return false
    return (s ?? op.s) === op.s && (p ?? op.p) === op.p && (object === undefined || objectKey(op.o) === object)
  }
}

const speakerTest = (by: AgentId | PeerId): ((record: Rec) => boolean) =>
  by.startsWith('amp://') ? record => speakerId(speakerOf(record)) === by : record => record.by === publicKeyOf(by)

/** The public key in an agent's or a peer's id. Throws AmpError `bad-input`. */
const authorIn = (by: AgentId | PeerId): string => publicKeyOf(by.replace(/^amp:\/\//, '').replace(/\/.*$/, ''))
