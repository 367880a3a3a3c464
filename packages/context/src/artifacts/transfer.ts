/** Getting an artifact's missing chunks: from one holder after the other, going on where the last one ended. */
import { AmpError, ARTIFACT_LIMITS, type Clock, type Hash, type Op, type PeerId, sleep } from '@amp-mesh/protocol'
import { chunkHashes, contentOf, isChunk } from './artifact.ts'
import type { ChunkStore } from './chunk-store.ts'

export interface TransferInit {
  op: Op<'artifact'>
  store: ChunkStore
  hash: Hash
  clock: Clock
  /** Who may be asked, the likeliest holder first. */
  holders(): readonly PeerId[]
  /** Asks for the chunks [first, last]; false when the connection takes nothing now. */
  ask(holder: PeerId, first: number, last: number): boolean
  /** It sent something else than its author signed for. */
  onLie(holder: PeerId): void
}

/** What is asked of a holder now. */
interface Asked {
  readonly holder: PeerId
  readonly missing: Set<number>
  /** It has answered all, or will not. */
  end(): void
  /** It answered something: it gets more time. */
  progress(): void
}

/** A holder that sends nothing for this long is passed over, ms. */
const IDLE_MS = 5_000
/** When nobody had it, all are asked again after this long, ms. */
const RETRY_MS = 1_000

export class Transfer {
  readonly #init: TransferInit
  readonly #liars = new Set<PeerId>()
  /** Those who lack what is missing now. */
  readonly #lacking = new Set<PeerId>()
  #asked: Asked | undefined
  #mostRounds = 0
  /** Of what is being made durable; rejects when that fails. */
  #written: Promise<unknown> = Promise.resolve()

  constructor(init: TransferInit) {
    this.#init = init
  }

  /** When nobody has what is missing, all are asked again at least so many times. */
  keepTrying(rounds: number): void {
    this.#mostRounds = Math.max(this.#mostRounds, rounds)
  }

  /** Resolves when every chunk is here; rejects with `unreachable` when nobody has them, or the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    await undefined // whoever starts it may first say how patient it is
    for (let rounds = 0; ; ) {
      const missing = this.#missing()
      if (missing.length === 0) return void (await this.#written)
      signal.throwIfAborted()
      const holder = this.#init.holders().find(peer => !this.#liars.has(peer) && !this.#lacking.has(peer))
      if (holder !== undefined) {
        await this.#askFor(missing, holder, signal)
        if (this.#missing().length < missing.length) rounds = 0
        continue
      }
      if (++rounds > this.#mostRounds)
        throw new AmpError('unreachable', 'nobody in reach holds this artifact; try again later')
      await sleep(this.#init.clock, RETRY_MS, signal)
      this.#lacking.clear()
    }
  }

  /** A chunk came, or word that the sender does not hold it. What was not asked for is ignored. */
  async take(from: PeerId, n: number, bytes: Uint8Array | undefined): Promise<void> {
    const { op, store, hash, onLie } = this.#init
    const asked = this.#asked
    if (asked?.holder !== from || !asked.missing.has(n)) return
    if (bytes === undefined) {
      this.#lacking.add(from)
      asked.end()
    } else if (isChunk(op, n, bytes, hash)) {
      asked.missing.delete(n)
      asked.progress()
      const writing = store.put(contentOf(op), new Map([[n, bytes]]))
      this.#written = Promise.all([this.#written, writing])
      this.#written.catch(() => {}) // whoever waits for it hears of it
      await writing
      if (asked.missing.size === 0) asked.end()
    } else {
      this.#liars.add(from)
      onLie(from)
      asked.end()
    }
  }

  /** A holder is gone: the next one is asked at once. */
  leave(holder: PeerId): void {
    if (this.#asked?.holder === holder) this.#asked.end()
  }

  #missing(): number[] {
    const { op, store } = this.#init
    const content = contentOf(op)
    return chunkHashes(op).flatMap((_, n) => (store.expects(content, n) ? [] : [n]))
  }

  /** One run of missing chunks; resolves when it came, or the holder has to be passed over. */
  async #askFor([first = 0, ...rest]: readonly number[], holder: PeerId, signal: AbortSignal): Promise<void> {
    const run = [first, ...rest.filter((n, i) => n === first + i + 1)].slice(0, ARTIFACT_LIMITS.chunksPerWant)
    const ended = Promise.withResolvers<void>()
    let cancel = () => {}
    const wait = () => {
      cancel()
      cancel = this.#init.clock.after(IDLE_MS, () => {
        this.#lacking.add(holder)
        ended.resolve()
      })
    }
    this.#asked = { holder, missing: new Set(run), end: ended.resolve, progress: wait }
    signal.addEventListener('abort', ended.resolve as () => void, { once: true })
    wait()
    try {
      if (this.#init.ask(holder, first, first + run.length - 1)) await ended.promise
      else this.#lacking.add(holder)
    } finally {
      cancel()
      signal.removeEventListener('abort', ended.resolve as () => void)
      this.#asked = undefined
    }
  }
}
