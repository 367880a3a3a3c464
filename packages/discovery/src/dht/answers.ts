/** Asking the holders of one key, so that none of them has to be waited for, or believed. */
import { type Clock, DISCOVERY_LIMITS, type PeerId, TRANSPORT_LIMITS } from '@amp-mesh/protocol'
import type { HeldCard } from './held-card.ts'
import type { Standing } from './standing.ts'
import type { WordCounts } from './word-sample.ts'

export interface HolderAnswer {
  readonly holder: PeerId
  /** Cards under the key; 0: it knows of none. */
  readonly size: number
  /** Best first. */
  readonly cards: readonly HeldCard[]
  /** How frequent the request's words are among its other cards. */
  readonly words: WordCounts | undefined
  /** It is one of the closest to the key: it should know. */
  readonly isDue: boolean
  /** It gave as many as an answer holds: there may be more. */
  readonly isFull: boolean
}

export interface AnswersInit {
  /** In the order to be asked. */
  holders: readonly PeerId[]
  /** Answers wanted. */
  wanted: number
  ask(holder: PeerId, signal: AbortSignal): Promise<HolderAnswer>
  clock: Clock
  standing: Standing
  signal: AbortSignal
}

/** Holders that may say "I know of none" for each one wanted: new ones do, and those who hide. */
const EMPTY = 1

/**
 * The answers of `wanted` holders that know of any card; fewer when there are no more to be asked, when the deadline
 * of a query is over, or when the signal aborts. Whenever one fails, knows of none or is slow, the next is asked as
 * well; late answers still count.
 */
export function answersOf({ holders, wanted, ask, clock, standing, signal }: AnswersInit): Promise<HolderAnswer[]> {
  const answers: HolderAnswer[] = []
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  let [asked, running, empty] = [0, 0, 0]
  return new Promise(resolve => {
    const end = () => {
      if (ended.signal.aborted) return
      cancelDeadline()
      signal.removeEventListener('abort', end)
      ended.abort()
      resolve(answers)
    }
    const isEnough = () => answers.length - empty >= wanted || (empty > EMPTY && answers.length >= wanted)
    const askNext = async () => {
      const holder = holders[asked]
      if (holder === undefined) return
      asked += 1
      running += 1
      const cancels = [
        clock.after(DISCOVERY_LIMITS.hedgeMs, () => void askNext()),
        clock.after(DISCOVERY_LIMITS.patienceMs, () => standing.silent(holder, clock.now())),
      ]
      try {
        const answer = await ask(holder, either)
        standing.answered(holder, clock.now())
        answers.push(answer)
        if (answer.size === 0) empty += 1
      } catch {
        if (!either.aborted) standing.silent(holder, clock.now())
      }
      for (const cancel of cancels) cancel()
      running -= 1
      if (isEnough()) end()
      else if (running < wanted - (answers.length - empty)) void askNext()
      if (running === 0 && (asked === holders.length || isEnough())) end()
    }
    const cancelDeadline = clock.after(TRANSPORT_LIMITS.queryMs, end)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted || holders.length === 0) end()
    for (let n = 0; n < wanted && !ended.signal.aborted; n++) void askNext()
  })
}

/** Cards missing from an answer are hidden, not lost, when they are so many and such a share of what another gave. */
const MISSING = 2
const MISSING_SHARE = 0.25

/** Compares what holders of one key answered to one request: each must know what the others know. */
export function compare(
  answers: readonly HolderAnswer[],
  fit: (card: HeldCard) => number,
  standing: Standing,
  now: number,
): void {
  // a full bucket is a sample, and each holder draws its own; whoever is further away need not know the key
  const comparable = answers.filter(({ size, isDue }) => size <= DISCOVERY_LIMITS.bucketCards && (isDue || size > 0))
  if (comparable.length < 2) return
  for (const answer of comparable) {
    const given = new Set(answer.cards.map(({ agent }) => agent))
    const worst = answer.isFull ? Math.min(...answer.cards.map(fit)) : Number.NEGATIVE_INFINITY
    const others = comparable.filter(other => other !== answer).flatMap(({ cards }) => cards)
    const missing = others.filter(card => !given.has(card.agent) && fit(card) > worst)
    standing.compared(answer.holder, missing.length >= Math.max(MISSING, MISSING_SHARE * others.length), now)
  }
}
