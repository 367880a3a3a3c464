/** Letters on disk: those that wait for their receivers, those that came, and how far each sender has come. */
import {
  AmpError,
  type Cancel,
  type Clock,
  DELIVERY_LIMITS,
  decodeMessage,
  encodeMessage,
  fromUtf8,
  type Letter,
  type Outcome,
  type PeerId,
  type Storage,
  type StorageOp,
  utf8,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { EPOCH } from './epoch-note.ts'

const ROOT = 'delivery'
const OUT = `${ROOT}/out/`
const NEXT = `${ROOT}/next/`
const IN = `${ROOT}/in/`
const SEEN = `${ROOT}/seen/`
const KEY = `${ROOT}/key/`
const KEPT = `${ROOT}/kept/`

/** What is to be deleted waits at most this long for a write to go with, ms. */
const SPARE_MS = 200

/** Behind all keys that begin with `prefix`. */
const end = (prefix: string) => `${prefix}\uffff`
const padded = (number: number) => String(number).padStart(16, '0')
const place = (peer: PeerId, epoch: number, seq: number) => `${peer}/${padded(epoch)}/${padded(seq)}`
const number = (value: number) => utf8(String(value))

/** A letter or an outcome as the message that would carry it: what reads the wire reads the disk. */
const letterBytes = (epoch: number, letter: Letter) =>
  encodeMessage({ type: 'letters', epoch, after: 0, settled: 0, letters: [letter] })
const outcomeBytes = (epoch: number, outcome: Outcome) =>
  encodeMessage({ type: 'receipts', epoch, stored: 0, credit: 0, outcomes: [outcome] })

/** Whose letter, and which. */
export interface Place {
  readonly peer: PeerId
  readonly epoch: number
  readonly seq: number
}

export const putOut = ({ peer, epoch }: Omit<Place, 'seq'>, letter: Letter): StorageOp => ({
  put: OUT + place(peer, epoch, letter.seq),
  value: letterBytes(epoch, letter),
})
export const delOut = ({ peer, epoch, seq }: Place): StorageOp => ({ del: OUT + place(peer, epoch, seq) })
export const putNext = (peer: PeerId, epoch: number, next: number): StorageOp => ({
  put: `${NEXT}${peer}/${padded(epoch)}`,
  value: number(next),
})
export const putIn = ({ peer, epoch }: Omit<Place, 'seq'>, letter: Letter): StorageOp => ({
  put: IN + place(peer, epoch, letter.seq),
  value: letterBytes(epoch, letter),
})
/** In the letter's place. */
export const putOutcome = ({ peer, epoch }: Place, outcome: Outcome): StorageOp => ({
  put: IN + place(peer, epoch, outcome.seq),
  value: outcomeBytes(epoch, outcome),
})
export const delIn = ({ peer, epoch, seq }: Place): StorageOp => ({ del: IN + place(peer, epoch, seq) })
export const putSeen = (peer: PeerId, epoch: number, seq: number): StorageOp => ({
  put: `${SEEN}${peer}/${padded(epoch)}`,
  value: number(seq),
})
/** `scope`: sender, agent and key. `at`: ms since the epoch. */
export const putKey = (scope: string, at: number, outcome: Outcome): StorageOp => ({
  put: KEY + scope,
  value: outcomeBytes(at, outcome),
})
/** What an agent keeps for itself. */
export const putKept = (agent: string, key: string, value: Uint8Array): StorageOp => ({
  put: `${KEPT}${agent}/${key}`,
  value,
})

export class LetterStore {
  readonly #storage: Storage
  readonly #clock: Clock
  /** What need not be written for itself: it goes with the next write. */
  #spare: StorageOp[] = []
  #writingSpare: Cancel | undefined

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage
    this.#clock = clock
  }

  /** All or nothing; resolves when it is durable. */
  write(ops: readonly StorageOp[]): Promise<void> {
    const spare = this.#spare
    this.#spare = []
    return this.#storage.write([...spare, ...ops])
  }

  /** Written with whatever is written next, or soon: for what may as well be lost, and is then done again. */
  writeLater(ops: readonly StorageOp[]): void {
    if (ops.length === 0) return
    this.#spare.push(...ops)
    this.#writingSpare ??= this.#clock.after(SPARE_MS, () => {
      this.#writingSpare = undefined
      if (this.#spare.length > 0) void this.write([]).catch(() => undefined)
    })
  }

  async close(): Promise<void> {
    this.#writingSpare?.()
    if (this.#spare.length > 0) await this.write([])
  }

  /**
   * The epoch of this store. A store that is new, or that was damaged and repaired, begins a higher one: in it
   * sequences start anew, and nobody takes them for those of before.
   */
  async epoch(): Promise<number> {
    const noted = await this.#storage.get(EPOCH)
    const [epoch = '0', life] = noted === undefined ? [] : fromUtf8(noted).split(' ')
    if (life === String(this.#storage.life)) return Number(epoch)
    const begun = Math.max(this.#clock.now(), Number(epoch) + 1)
    await this.#storage.write([{ put: EPOCH, value: utf8(`${begun} ${this.#storage.life}`) }])
    return begun
  }

  /** All letters that wait for their receivers, in order. */
  async *out(): AsyncIterable<Place & { letter: Letter }> {
    for await (const [key, value] of this.#storage.range(OUT, end(OUT))) {
      const letter = readLetter(value)
      if (letter !== undefined) yield { ...placeIn(key.slice(OUT.length)), letter }
    }
  }

  /** Those from `first` to `last`, both included, that still wait for one receiver. */
  async *lettersOut(peer: PeerId, epoch: number, first: number, last: number): AsyncIterable<Letter> {
    const [from, to] = [first, last + 1].map(seq => OUT + place(peer, epoch, seq))
    for await (const [, value] of this.#storage.range(from ?? '', to ?? '')) {
      const letter = readLetter(value)
      if (letter !== undefined) yield letter
    }
  }

  /** By receiver and epoch: the sequence of the next new letter. */
  next(): AsyncIterable<{ peer: PeerId; epoch: number; value: number }> {
    return this.#numbers(NEXT)
  }

  /** By sender and epoch: the last sequence that was stored. */
  seen(): AsyncIterable<{ peer: PeerId; epoch: number; value: number }> {
    return this.#numbers(SEEN)
  }

  /** What came and was not settled: letters, or what became of them. In order. */
  async *in(): AsyncIterable<Place & { letter?: Letter; outcome?: Outcome }> {
    for await (const [key, value] of this.#storage.range(IN, end(IN))) {
      const [letter, outcome] = [readLetter(value), readOutcome(value)]
      yield { ...placeIn(key.slice(IN.length)), ...(letter && { letter }), ...(outcome && { outcome }) }
    }
  }

  async letterIn(at: Place): Promise<Letter | undefined> {
    const value = await this.#storage.get(IN + place(at.peer, at.epoch, at.seq))
    return value && readLetter(value)
  }

  /** What became of the first letter of a scope (sender, agent and key), as long as it is remembered. */
  async keyed(scope: string): Promise<Outcome | undefined> {
    const value = await this.#storage.get(KEY + scope)
    const noted = value && readKeyed(value)
    return noted && noted.at > this.#clock.now() - DELIVERY_LIMITS.keyMs ? noted.outcome : undefined
  }

  /** Forgets keys that are too old, and the oldest of senders with too many. */
  async sweepKeys(): Promise<void> {
    const bySender = new Map<string, { key: string; at: number }[]>()
    for await (const [key, value] of this.#storage.range(KEY, end(KEY))) {
      const sender = key.slice(KEY.length).split('/')[0] ?? ''
      const keys = bySender.get(sender) ?? []
      bySender.set(sender, keys)
      keys.push({ key, at: readKeyed(value)?.at ?? 0 })
    }
    const oldest = this.#clock.now() - DELIVERY_LIMITS.keyMs
    for (const keys of bySender.values()) {
      keys.sort((a, b) => b.at - a.at)
      const gone = keys.filter(({ at }, n) => at <= oldest || n >= DELIVERY_LIMITS.keysPerSender)
      if (gone.length > 0) await this.write(gone.map(({ key }) => ({ del: key })))
    }
  }

  kept(agent: string, key: string): Promise<Uint8Array | undefined> {
    return this.#storage.get(`${KEPT}${agent}/${key}`)
  }

  async *#numbers(prefix: string): AsyncIterable<{ peer: PeerId; epoch: number; value: number }> {
    for await (const [key, value] of this.#storage.range(prefix, end(prefix))) {
      const [peer = '', epoch] = key.slice(prefix.length).split('/')
      yield { peer, epoch: Number(epoch), value: Number(fromUtf8(value)) }
    }
  }
}

function placeIn(key: string): Place {
  const [peer = '', epoch, seq] = key.split('/')
  return { peer, epoch: Number(epoch), seq: Number(seq) }
}

function readLetter(value: Uint8Array): Letter | undefined {
  const message = stored(value)
  return message.type === 'letters' ? message.letters[0] : undefined
}

function readKeyed(value: Uint8Array): { at: number; outcome: Outcome } | undefined {
  const message = stored(value)
  const [outcome] = message.type === 'receipts' ? message.outcomes : []
  return message.type === 'receipts' && outcome ? { at: message.epoch, outcome } : undefined
}

function readOutcome(value: Uint8Array): Outcome | undefined {
  const message = stored(value)
  return message.type === 'receipts' ? message.outcomes[0] : undefined
}

function stored(value: Uint8Array) {
  try {
    return decodeMessage(value, { maxBytes: WIRE_LIMITS.message })
  } catch (error) {
    throw new AmpError('damaged-store', 'the store holds a letter that cannot be read', undefined, error)
  }
}
