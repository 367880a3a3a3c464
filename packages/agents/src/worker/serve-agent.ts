/** An agent that runs apart from its peer, in a worker as a rule: the agent's side of the port. */

import { answerMail, Calls, type MailPicture, type Port } from '@amp-mesh/peer'
import type {
  Agent,
  Embedder,
  Fields,
  Graph,
  Json,
  Logger,
  Model,
  ModelAnswer,
  Question,
  Rec,
  RecordId,
  Speech,
  Turn,
} from '@amp-mesh/protocol'
import { defineAgent } from '../define-agent.ts'
import { knowledgeIn, type MeansPicture, type RecordPicture, type TurnPicture } from './turn-picture.ts'

/** The agent without its functions, and which of the optional ones it has. */
export interface AgentPicture extends Pick<Agent, 'name' | 'description' | 'capabilities' | 'operator'> {
  offers: boolean
  verifies: boolean
  synthesises: boolean
  receives: boolean
}

const ACTS = ['propose', 'buildOn', 'concern', 'need', 'fact', 'conflict', 'retract', 'share'] as const

/** What an agent may do with the graph of its turn, each as a call to its peer. */
export const GRAPH_ACTS = [
  'propose',
  'suppose',
  'verify',
  'supersede',
  'retract',
  'link',
  'conflict',
  'thread',
  'say',
  'solved',
  'lookup',
  'gap',
  'count',
  'set',
  'take',
  'release',
  'counter',
  'register',
  'holders',
  'status',
  'get',
  'query',
  'around',
  'recall',
] as const satisfies readonly (keyof Graph)[]

/** Lets the page that started this worker host the agent: there, `hostAgents(peer, [await remoteAgent(worker)])`. */
export function serveAgent(agent: Agent, port: Port = globalThis as Port): void {
  defineAgent(agent)
  const calls: Calls = new Calls(port, {
    describe: () => pictureOf(agent),
    offer: (signal: AbortSignal, question: Question, means: MeansPicture) =>
      agent.offer?.(question, { ...meansOf(means, calls), signal }),
    contribute: (signal: AbortSignal, turn: TurnPicture) => agent.contribute(turnOf(turn, calls, signal)),
    verify: (signal: AbortSignal, turn: TurnPicture, fact: Rec<'fact'>) =>
      agent.verify?.(fact, turnOf(turn, calls, signal)),
    synthesise: (signal: AbortSignal, turn: TurnPicture) => agent.synthesise?.(turnOf(turn, calls, signal)),
    receive: (signal: AbortSignal, mail: MailPicture) =>
      answerMail(mail, given => agent.receive?.(given), {
        signal,
        kept: key => calls.call<Json | undefined>('kept', [mail.number, key], signal),
      }),
  })
}

const pictureOf = ({
  name,
  description,
  capabilities,
  operator,
  offer,
  verify,
  synthesise,
  receive,
}: Agent): AgentPicture => ({
  name,
  capabilities,
  ...(description !== undefined && { description }),
  ...(operator !== undefined && { operator }),
  offers: offer !== undefined,
  verifies: verify !== undefined,
  synthesises: synthesise !== undefined,
  receives: receive !== undefined,
})

function turnOf(picture: TurnPicture, calls: Calls, signal: AbortSignal): Turn {
  const { turn, self, question, news } = picture
  const knowledge = knowledgeIn(picture)
  const speak =
    (act: string) =>
    async (...args: unknown[]) => {
      const said = await calls.call<{ id: RecordId; record?: RecordPicture } | undefined>(
        'say',
        [turn, act, args],
        signal,
      )
      if (said?.record !== undefined) knowledge.add(said.record)
      return said?.id
    }
  const say = Object.fromEntries(ACTS.map(act => [act, speak(act)])) as Record<keyof Speech, ReturnType<typeof speak>>
  const graph = graphOf(turn, calls, signal)
  return { self, question, news, knowledge, say, graph, log: logger(turn, calls), signal, ...meansOf(picture, calls) }
}

function graphOf(turn: number, calls: Calls, signal: AbortSignal): Graph {
  const use =
    (act: string) =>
    (...args: unknown[]) => {
      const given = args.filter(arg => !(arg instanceof AbortSignal))
      const stops = args.filter(arg => arg instanceof AbortSignal)
      return calls.call('graph', [turn, act, given], AbortSignal.any([signal, ...stops]))
    }
  return Object.fromEntries(GRAPH_ACTS.map(act => [act, use(act)])) as Record<
    keyof Graph,
    ReturnType<typeof use>
  > as Graph
}

function meansOf({ turn, embedder, model }: MeansPicture, calls: Calls): { embedder: Embedder; model?: Model } {
  return {
    embedder: { ...embedder, embed: (texts, signal) => calls.call('embed', [turn, [...texts]], signal) },
    ...(model !== undefined && {
      model: {
        id: model,
        complete: (request, signal) => calls.call<ModelAnswer>('think', [turn, request], signal),
      },
    }),
  }
}

function logger(turn: number, calls: Calls): Logger {
  const note = (message: string, fields: Fields = {}) => {
    calls.call('log', [turn, `${message} ${JSON.stringify(fields)}`]).catch(() => {})
  }
  return { debug: note, info: note, warn: note, error: note }
}
