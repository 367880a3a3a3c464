/** When a failed model call is worth another try, and when: retries must not turn a slow endpoint into a dead one. */
import type { Random } from '@amp-mesh/protocol'
import { APIConnectionError, APIError } from 'openai'

/** Retries of one call. */
const ATTEMPTS = 2
/** Over time at most this share of calls is retried … */
const SHARE = 0.1
/** … beyond what may be saved up, which is also what one starts with. */
const SAVED = 4
/** Full-jitter back-off where the endpoint states no `Retry-After`, ms. */
const BASE_MS = 500
const CAP_MS = 8_000

export class RetryBudget {
  readonly #random: Random
  #tokens = SAVED

  constructor(random: Random) {
    this.#random = random
  }

  called(): void {
    this.#tokens = Math.min(SAVED, this.#tokens + SHARE)
  }

  /** ms to wait before trying again; undefined: don't. `left`: what the call's deadline leaves, ms. */
  waitFor(error: unknown, attempt: number, left: number): number | undefined {
    if (attempt >= ATTEMPTS || this.#tokens < 1 || !isPassing(error)) return undefined
    const asked = error instanceof APIError ? retryAfterMs(error.headers) : undefined
    const wait = asked ?? this.#random.float() * Math.min(CAP_MS, BASE_MS * 2 ** attempt)
    if (wait >= left) return undefined
    this.#tokens -= 1
    return wait
  }
}

/** Refused connections, overload and faults pass; an empty account or a wrong request does not. */
function isPassing(error: unknown): boolean {
  if (error instanceof APIConnectionError) return true
  if (!(error instanceof APIError) || error.status === undefined) return false
  if (error.status === 429) return error.code !== 'insufficient_quota'
  return error.status === 408 || error.status >= 500
}

/** `Retry-After` in seconds (RFC 9110 §10.2.3); its date form is ignored: it would need the endpoint's clock. */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
