/**
 * A conversation with one plain client, as pure state: what it may leave out, its own names for records, the space it
 * is in, and what it was sent last. The same inputs give the same outputs; who acts on them is the attendant.
 */
import { question, settleHeads } from '@amp-mesh/context'
import {
  AmpError,
  type ClientRecord,
  completeRecord,
  GATEWAY_LIMITS,
  type GatewayAnswer,
  type Op,
  putLatest,
  RECORDS,
  type RecordId,
  type SpaceId,
  TARGETS,
  type Target,
} from '@amp-mesh/protocol'
import type { Space } from '../contract.ts'
import { guestOp } from '../guest-op.ts'
import { decodeBody, encodeBody, type Form } from './form.ts'
import { readSaid, type Said } from './said.ts'
import { type Sent, SentRing } from './sent-ring.ts'
import type { ShownRecord } from './shown.ts'

/** A message of the client's, or what is wrong with it. `re`: its own name, so that the answer finds it. */
export type Heard = { readonly re: string } & ({ readonly said: Said } | { readonly error: unknown })

/** An answer whose id the session gives. */
export type Untold = { [T in GatewayAnswer['type']]: Omit<GatewayAnswer<T>, 'id'> }[GatewayAnswer['type']]

export interface Written {
  readonly op: Op
  /** References that name nothing known here. */
  readonly unresolved: string[]
}

/** What a space tells of itself to a session. */
export type SessionSpace = Pick<Space, 'genesis'> & { readonly replica: Pick<Space['replica'], 'records'> }

const NAME_LENGTH = 128

export class Session {
  /** Whoever knows it, and the token, goes on with this session. */
  readonly id: string
  readonly form: Form
  readonly #sent = new SentRing({ messages: GATEWAY_LIMITS.kept, bytes: GATEWAY_LIMITS.keptBytes })
  readonly #names = new Map<string, RecordId>()
  #space: SpaceId | undefined
  #heard = 0
  #told = 0

  constructor(id: string, form: Form) {
    this.id = id
    this.form = form
  }

  /** The space that messages without one are for: the latest it asked in, joined or named. */
  get space(): SpaceId | undefined {
    return this.#space
  }

  /** Reads a message; a client that names none of its messages may count them, from 1. `now`: ms since the epoch. */
  hear(body: Uint8Array, now: number): Heard {
    const count = String(++this.#heard)
    let re = count
    try {
      const fields = decodeBody(this.form, body)
      if (typeof fields.id === 'string') re = fields.id.slice(0, NAME_LENGTH)
      return { re, said: readSaid(fields, { id: count, time: now, space: this.#space }) }
    } catch (error) {
      return { re, error }
    }
  }

  /** From now on messages without a space are for this one. */
  enter(space: SpaceId): void {
    this.#space = space
  }

  /**
   * The record as it will be written: what the client left out filled in, its own names replaced. Throws AmpError
   * `unknown-parent` or `not-allowed`.
   */
  complete(said: ClientRecord, { genesis, replica: { records } }: SessionSpace): Written {
    const asked = question(records, genesis)?.id
    const resolve = (target: Target, name: string | undefined) =>
      name === undefined ? (target === 'for' ? asked : undefined) : this.#names.get(name)
    const op = completeRecord({ ...said, from: said.from ?? GUEST }, resolve)
    for (const target of TARGETS) {
      const id = target in op ? Reflect.get(op, target) : undefined
      if (typeof id === 'string' && !records.has(id))
        throw new AmpError('unknown-parent', `\`${target}\` names no record of this space; give the id of one`, id)
    }
    const known = said.unresolved.flatMap(name => this.#names.get(name) ?? [])
    const unresolved = said.unresolved.filter(name => !this.#names.has(name))
    const spoken = 'agent' in RECORDS[op.k].shape ? { ...op, agent: agentOf(said.from) } : op
    const cited = 'references' in spoken ? { ...spoken, references: [...(spoken.references ?? []), ...known] } : spoken
    const full = cited.k === 'settle' && cited.heads.length === 0 ? { ...cited, heads: settleHeads(records) } : cited
    return { op: guestOp(full), unresolved }
  }

  /** The client's `name` for a record; later ones may call it so. The oldest names are forgotten. */
  wrote(name: string, record: RecordId): void {
    putLatest(this.#names, name, record, GATEWAY_LIMITS.names)
  }

  /** A message to the client, with its place in the session. Records have ids of their own. */
  tell(message: Untold | ShownRecord): Sent {
    const id = 'id' in message && typeof message.id === 'string' ? message.id : `s${++this.#told}`
    const sent = { id, bytes: encodeBody(this.form, Object.assign({ type: message.type, id }, message)) }
    this.#sent.push(sent)
    return sent
  }

  /** What was told behind the message of this id; undefined when that is no longer known. */
  after(id: string | undefined): readonly Sent[] | undefined {
    return this.#sent.after(id)
  }
}

/** A client that does not say who it is. */
export const GUEST = 'guest'

/**
 * Guests of one peer are told apart by their labels, and from the peer's own agents: `data_agent` speaks as the agent
 * `guest-data-agent`. That it is who it says nobody vouches for.
 */
export function agentOf(label: string = ''): string {
  const name = label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name === '' ? GUEST : `${GUEST}-${name.slice(0, 50)}`
}
