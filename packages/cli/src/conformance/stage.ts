/** A space with an open question, in which the checks speak: asked at the gateway under test, by the kit itself. */
import { randomUUID } from 'node:crypto'
import type { Client } from './client.ts'
import type { Told } from './hearing.ts'
import { shown, Unmet, Unprepared } from './unmet.ts'

export interface Stage {
  readonly space: string
  /** Record id of its question. */
  readonly question: string
  /** The peer behind the gateway, as `hello` says. */
  readonly peer: string
  /** Who asked. */
  readonly asker: Client
}

/** Longer than the checks take, ms: the question is taken back when they are done. */
const BUDGET_MS = 10 * 60_000

/** A question that no agent has reason to answer; unlike any other, so that no memory of a mesh knows it. */
export const idleQuestion = (): string => `amp-mesh conformance ${randomUUID()}: nothing to do here`

/** Throws Unprepared when no question can be asked. */
export async function openStage(asker: Client): Promise<Stage> {
  try {
    const hello = await asker.greeted()
    const question = { type: 'broadcast', query: idleQuestion(), fresh: true, budgetMs: BUDGET_MS, from: KIT }
    const said = await asker.asks(question, ['said', 'error'], {}, FOUNDING_MS)
    if (said.type === 'error') throw new Unmet('a question to be taken', shown(said))
    const stage = { space: text(said.space), question: text(said.record), peer: text(hello.peer), asker }
    // somebody takes part, so that the question stays open
    await asker.asks({ ...inside(stage), type: 'capability_match', confidence: 1, offer: 'a test', from: KIT }, 'said')
    return stage
  } catch (error) {
    if (!(error instanceof Unmet)) throw error
    throw new Unprepared(`no question could be asked to speak in its space: ${error.message}`)
  }
}

/** Takes the question back, if the gateway still listens. */
export async function closeStage(stage: Stage): Promise<void> {
  const taken = stage.asker.asks({ ...inside(stage), type: 'cancel', from: KIT }, ['said', 'error'])
  await taken.catch(() => {})
}

/** Who the kit says it is. */
export const KIT = 'conformance'

/** A gateway may look for agents before it opens a space, ms. */
export const FOUNDING_MS = 5_000

const inside = ({ space, question }: Pick<Stage, 'space' | 'question'>) => ({ space, for: question })

/** A field that has to be text. Throws Unmet. */
export function text(value: Told[string]): string {
  if (typeof value !== 'string') throw new Unmet('text', JSON.stringify(value) ?? 'nothing')
  return value
}
