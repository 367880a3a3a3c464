/** The conformance kit: runs checks against an implementation of the gateway, in order, and says how each ended. */
import { AmpError } from '@amp-mesh/protocol'
import type { Check } from './check.ts'
import { closeStage, openStage, type Stage } from './stage.ts'
import { Unmet, Unobservable, Unprepared } from './unmet.ts'
import { type Target, Visit } from './visit.ts'

export type Outcome =
  | { readonly state: 'pass' }
  | { readonly state: 'fail'; readonly expected: string; readonly came: string }
  /** The check could not begin, or the implementation no longer answers. */
  | { readonly state: 'skipped'; readonly why: string }
  | { readonly state: 'not observable'; readonly why: string }

export interface Result {
  readonly requirement: string
  readonly title: string
  readonly outcome: Outcome
  readonly ms: number
}

/** The one check of who says nothing at all. */
const GREETING = 'GW-4'

/**
 * Throws AmpError `unreachable` when there is nothing to test, and `not-allowed` when its token is another one.
 * `signal` ends it between two checks.
 */
export async function* runChecks(
  target: Target,
  checks: readonly Check[],
  signal: AbortSignal,
): AsyncGenerator<Result> {
  await enter(target)
  let silent = !(await greets(target))
  let stage: Promise<Stage> | undefined
  const backstage = new Visit(target, unstaged)
  const openOnce = () => {
    stage ??= backstage.client().catch(unprepared).then(openStage)
    return stage
  }
  try {
    for (const check of checks) {
      signal.throwIfAborted()
      const { requirement, title } = check
      const started = performance.now()
      const idle = silent && requirement !== GREETING
      const error = idle ? SILENT : await errorOf(check, new Visit(target, openOnce))
      yield { requirement, title, outcome: outcomeOf(error), ms: Math.round(performance.now() - started) }
      if (!silent && error instanceof Unmet && error.late) silent = !(await greets(target))
    }
  } finally {
    const opened = await stage?.catch(() => undefined)
    if (opened !== undefined) await closeStage(opened)
    backstage.end()
  }
}

const SILENT = new Unprepared('a new connection is told nothing: see GW-4')

/** How the check ended; undefined: it passed. Errors of the kit itself are thrown. */
async function errorOf(check: Check, visit: Visit): Promise<Unmet | Unobservable | Unprepared | undefined> {
  try {
    await check.run(visit)
    return undefined
  } catch (error) {
    if (error instanceof Unmet || error instanceof Unobservable || error instanceof Unprepared) return error
    throw error
  } finally {
    visit.end()
  }
}

function outcomeOf(error: Unmet | Unobservable | Unprepared | undefined): Outcome {
  if (error === undefined) return { state: 'pass' }
  if (error instanceof Unmet) return { state: 'fail', expected: error.expected, came: error.came }
  return { state: error instanceof Unobservable ? 'not observable' : 'skipped', why: error.message }
}

/** Throws AmpError when nobody is let in. */
async function enter(target: Target): Promise<void> {
  const visit = new Visit(target, unstaged)
  const { href } = target.url
  const status = await visit.knock({ headers: visit.authorization }).catch((error: Unmet) => {
    throw new AmpError('unreachable', `nothing speaks WebSocket at ${href}: ${error.came}`)
  })
  if (status === 101) return
  if (status === 401) throw new AmpError('not-allowed', `${href} asks for another token: give it with --token`)
  throw new AmpError(
    'unreachable',
    `${href} answers a WebSocket with HTTP ${status}: is that the address of a gateway?`,
  )
}

/** Whether a new connection is told anything. */
async function greets(target: Target): Promise<boolean> {
  const visit = new Visit(target, unstaged)
  try {
    await visit.client()
    return true
  } catch (error) {
    if (error instanceof Unmet) return false
    throw error
  } finally {
    visit.end()
  }
}

const unstaged = () => Promise.reject(new Unprepared('no stage here'))

function unprepared(error: unknown): never {
  throw error instanceof Unmet ? new Unprepared(`no connection to speak on: ${error.message}`) : error
}
