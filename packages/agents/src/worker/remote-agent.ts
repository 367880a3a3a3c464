/** An agent that runs elsewhere, in a worker as a rule: its peer's side of the port. */

import { type AnsweredMail, Calls, HandedMail, type Port } from '@amp-mesh/peer'
import { type Agent, AmpError, type Model, type ModelRequest, type Offer, type Turn } from '@amp-mesh/protocol'
import { defineAgent } from '../define-agent.ts'
import { type AgentPicture, GRAPH_ACTS } from './serve-agent.ts'
import { meansPicture, type RecordPicture, recordPicture, turnPicture } from './turn-picture.ts'

type Means = Pick<Turn, 'embedder' | 'model'> & Partial<Turn>
type Said = { id: string; record?: RecordPicture } | undefined
type Speech = Record<string, (...args: unknown[]) => Promise<string | undefined>>

/**
 * The agent that `serveAgent` offers at the other end of the port; `hostAgents` takes it like any other. What it thinks
 * with and says stays here: only plain data crosses. Rejects with `bad-input` when what is there is no sound agent.
 */
export async function remoteAgent(port: Port, signal?: AbortSignal): Promise<Agent> {
  const turns = new Map<number, Means>()
  const mail = new HandedMail()
  const meansOf = (turn: number): Means => {
    const means = turns.get(turn)
    if (means === undefined) throw new AmpError('stopped', 'that turn is over')
    return means
  }
  const calls = new Calls(port, {
    say: (_: AbortSignal, turn: number, act: string, args: unknown[]) => say(meansOf(turn), act, args),
    graph: (stop: AbortSignal, turn: number, act: string, args: unknown[]) => useGraph(meansOf(turn), act, args, stop),
    embed: (stop: AbortSignal, turn: number, texts: string[]) => meansOf(turn).embedder.embed(texts, stop),
    think: (stop: AbortSignal, turn: number, request: ModelRequest) => think(meansOf(turn).model, request, stop),
    log: (_: AbortSignal, turn: number, message: string) => meansOf(turn).log?.info(message),
    kept: (_: AbortSignal, number: number, key: string) => mail.kept(number, key),
  })
  let count = 0
  const within = async <T>(means: Means, run: (turn: number) => Promise<T>): Promise<T> => {
    const turn = count++
    turns.set(turn, means)
    try {
      return await run(turn)
    } finally {
      turns.delete(turn)
    }
  }
  const perform = <T>(name: string, turn: Turn, ...args: unknown[]) =>
    within(turn, n => calls.call<T>(name, [turnPicture(n, turn), ...args], turn.signal))

  const { offers, verifies, synthesises, receives, ...agent } = await calls.call<AgentPicture>('describe', [], signal)
  return defineAgent({
    ...agent,
    contribute: turn => perform('contribute', turn),
    ...(offers && {
      offer: (question, means) =>
        within(means, n => calls.call<Offer | undefined>('offer', [question, meansPicture(n, means)], means.signal)),
    }),
    ...(verifies && { verify: (fact, turn) => perform('verify', turn, fact) }),
    ...(synthesises && { synthesise: turn => perform('synthesise', turn) }),
    ...(receives && {
      receive: given => mail.hand(given, picture => calls.call<AnsweredMail>('receive', [picture], given.signal)),
    }),
  })
}

async function say({ say: speech, knowledge }: Means, act: string, args: unknown[]): Promise<Said> {
  const speak = speech && Object.hasOwn(speech, act) ? (speech as Partial<Turn['say']> as Speech)[act] : undefined
  if (speak === undefined) throw new AmpError('bad-input', `an agent cannot say ${act} here`)
  const id = await speak(...args)
  if (id === undefined) return undefined
  const record = knowledge?.get(id)
  return knowledge === undefined || record === undefined
    ? { id }
    : { id, record: recordPicture(knowledge, record, true) }
}

/** `recall` alone takes a signal, which does not cross the port: it gets the call's. */
function useGraph({ graph }: Means, act: string, args: unknown[], stop: AbortSignal): Promise<unknown> {
  const name = GRAPH_ACTS.find(each => each === act)
  if (graph === undefined || name === undefined) throw new AmpError('bad-input', `a graph cannot ${act} here`)
  const use = graph[name].bind(graph) as (...given: unknown[]) => Promise<unknown>
  return name === 'recall' ? use(args[0], args[1], stop) : use(...args)
}

function think(model: Model | undefined, request: ModelRequest, signal: AbortSignal) {
  if (model === undefined) throw new AmpError('model-failed', 'this peer has no model')
  return model.complete(request, signal)
}
