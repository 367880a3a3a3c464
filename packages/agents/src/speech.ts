/** How an agent speaks: each act checked for being said already, labelled with its speaker, and put into the outbox. */
import type { Records } from '@amp-mesh/context'
import { AmpError, type Embedder, type Op, type Rec, type RecordId, type Speech } from '@amp-mesh/protocol'
import type { Outbox } from './outbox.ts'
import { saidAlready } from './redundancy.ts'

export interface SpeechInit {
  /** The agent's name on its peer. */
  agent: string
  question: RecordId
  records: Records
  outbox: Outbox
  embedder: Embedder
  /** Ends the agent's turn: after it nothing can be said. */
  signal: AbortSignal
  /** Makes an artifact of contents. */
  share(name: string, mediaType: string, bytes: Uint8Array): Promise<Rec<'artifact'>>
  /** An agent was about to state what another peer stated already: it found the same independently. */
  agreed(fact: Rec<'fact'>): Promise<void>
}

export function speechOf(init: SpeechInit): Speech {
  const { agent, question, records, outbox, embedder, signal, agreed } = init

  async function say(op: Op): Promise<RecordId | undefined> {
    signal.throwIfAborted()
    const same = await saidAlready(op, records, embedder, signal)
    if (same !== undefined) {
      if (isFact(same)) await agreed(same)
      return undefined
    }
    signal.throwIfAborted()
    return (await outbox.say(op)).id
  }

  return {
    propose: (content, { references, confidence } = {}) =>
      say({ k: 'proposal', for: question, content, ...some({ references, confidence }), agent }),
    buildOn: (parent, content, { references } = {}) =>
      say({ k: 'build_on', parent, content, ...some({ references }), agent }),
    concern: (parent, content) => say({ k: 'concern', parent, content, agent }),
    need: (content, { parent, capability } = {}) => say({ k: 'need', content, ...some({ parent, capability }), agent }),
    fact: ({ s, p, o, ...more }) => say({ k: 'fact', s, p, o, ...some(more), agent }),
    async conflict(contradicting, why) {
      const named = records.of('conflict').find(({ op }) => contradicting.every(id => op.a.includes(id)))
      return named === undefined ? say({ k: 'conflict', a: contradicting, ...some({ why }), agent }) : undefined
    },
    async retract(own) {
      if (!records.has(own)) throw new AmpError('no-such-record', `there is no record ${own} to take back`)
      return records.isLive(own) ? say({ k: 'retract', of: own }) : undefined
    },
    async share(name, mediaType, bytes) {
      signal.throwIfAborted()
      return (await init.share(name, mediaType, bytes)).id
    },
  }
}

const isFact = (record: Rec): record is Rec<'fact'> => record.op.k === 'fact'

/** Only the fields that are given: a record has no empty ones. */
function some<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
