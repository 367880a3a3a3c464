/** The indexes behind a graph: made when first asked for, kept up as records arrive, rebuilt from the ledger. */
import { type Cancel, type Clock, type Embedder, type Rec, type RecordId, sleep } from '@amp-mesh/protocol'
import type { Replica } from '../replica.ts'
import { wordsOf } from '../words.ts'
import { type Hit, MeaningIndex } from './meaning-index.ts'
import { PatternIndex } from './pattern-index.ts'

export interface GraphIndexInit {
  replica: Pick<Replica, 'records' | 'subscribe'>
  embedder: Embedder
  clock: Clock
}

export class GraphIndex {
  readonly #init: GraphIndexInit
  #patterns: PatternIndex | undefined
  #meanings: MeaningIndex | undefined
  #listening: Cancel | undefined
  #turns: Promise<unknown> = Promise.resolve()

  constructor(init: GraphIndexInit) {
    this.#init = init
  }

  get patterns(): PatternIndex {
    const { records } = this.#init.replica
    this.#listen()
    this.#patterns ??= new PatternIndex()
    // a fork took records away, or this is the first time
    if (this.#patterns.size !== records.size) this.#patterns.reset(records.all())
    return this.#patterns
  }

  async nearest(text: string, k: number, accept: (id: RecordId) => boolean, signal?: AbortSignal): Promise<Hit[]> {
    const { embedder, clock, replica } = this.#init
    this.#listen()
    if (this.#meanings === undefined) {
      this.#meanings = new MeaningIndex(embedder, () => sleep(clock, 0))
      for (const record of replica.records.all()) this.#meanings.add(record.id, wordsOf(record.op))
    }
    await this.#meanings.settle()
    signal?.throwIfAborted()
    return this.#meanings.nearest(text, k, accept, signal)
  }

  /** Runs actions one after the other, whatever becomes of each. */
  inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(action)
    this.#turns = turn.catch(() => {})
    return turn
  }

  #listen(): void {
    this.#listening ??= this.#init.replica.subscribe(news => this.#heard(news))
  }

  #heard(news: readonly Rec[]): void {
    this.#patterns?.add(news)
    if (this.#meanings === undefined) return
    for (const { id, op } of news) this.#meanings.add(id, wordsOf(op))
    this.#meanings.settle().catch(() => {}) // whoever recalls next tries again, and is told
  }
}
