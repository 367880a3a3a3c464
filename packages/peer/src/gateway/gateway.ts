/** The gateway of a peer: the sessions of all its plain clients, those that were cut and may come back among them. */
import {
  AmpError,
  type Cancel,
  GATEWAY_CLOSE,
  GATEWAY_LIMITS,
  type GatewayAnswer,
  toBase64url,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import { PROTOCOL_VERSION } from '../protocols.ts'
import { Attendant, type GatewayPeer } from './attendant.ts'
import type { Form } from './form.ts'
import { Guests } from './guests.ts'
import type { Connection } from './line.ts'
import { Session } from './session.ts'
import { shownAgent } from './shown.ts'

/** What this gateway does beyond the first version of PROTOCOL.md, "The gateway". */
const FEATURES = ['find', 'listen', 'resume', 'send', 'request', 'subscribe']

export class Gateway {
  readonly #peer: GatewayPeer
  /** By the connection that is there to read. */
  readonly #attended = new Map<Connection, Attendant>()
  /** Sessions whose connection was cut, by their id, the oldest first. */
  readonly #cut = new Map<string, { readonly attendant: Attendant; readonly forget: Cancel }>()
  readonly #guests: Guests
  #questions = 0

  constructor(peer: GatewayPeer) {
    this.#peer = peer
    this.#guests = new Guests(peer.clock, peer.identity.publicKey)
  }

  /** Sessions with somebody there. */
  get size(): number {
    return this.#attended.size
  }

  /** Begins a session, greeted or not. Undefined when there is no place for one more; then the connection is closed. */
  enter(connection: Connection, form: Form, greeting: 'hello' | 'silent' = 'hello'): Attendant | undefined {
    if (this.#attended.size >= GATEWAY_LIMITS.connections) {
      connection.close(GATEWAY_CLOSE.tryAgain, 'too many clients')
      return undefined
    }
    const session = new Session(toBase64url(this.#peer.random.bytes(16)), form)
    const attendant = new Attendant({
      peer: this.#peer,
      session,
      connection,
      guests: this.#guests,
      takeQuestion: () => this.#takeQuestion(),
      resume: (by, id) => this.#resume(by, id),
    })
    this.#attended.set(connection, attendant)
    if (greeting === 'hello') attendant.line.tell(this.#hello(session))
    return attendant
  }

  /** Who attends to a connection now; another one after it resumed. */
  attendantOf(connection: Connection): Attendant | undefined {
    return this.#attended.get(connection)
  }

  /** The connection was cut. Its session waits for a while, unless nothing in it would be missed. */
  leave(connection: Connection): void {
    const attendant = this.#attended.get(connection)
    if (attendant === undefined) return
    this.#attended.delete(connection)
    attendant.line.release()
    if (attendant.engagements === 0) return attendant.end()
    const { id } = attendant.session
    const forget = this.#peer.clock.after(GATEWAY_LIMITS.lingerMs, () => this.#end(id))
    this.#cut.set(id, { attendant, forget })
    const [oldest = ''] = this.#cut.keys()
    if (this.#cut.size > GATEWAY_LIMITS.cutSessions) this.#end(oldest)
  }

  /** The connection's session is over: it answered one message. */
  dismiss(connection: Connection): void {
    this.#attended.get(connection)?.end()
    this.#attended.delete(connection)
  }

  close(): void {
    for (const [connection, attendant] of this.#attended) {
      attendant.end()
      connection.close(GATEWAY_CLOSE.goingAway, 'this peer stops')
    }
    this.#attended.clear()
    for (const id of [...this.#cut.keys()]) this.#end(id)
    this.#guests.close()
  }

  #end(id: string): void {
    const cut = this.#cut.get(id)
    if (cut === undefined) return
    this.#cut.delete(id)
    cut.forget()
    cut.attendant.end()
  }

  #takeQuestion(): Cancel {
    if (this.#questions >= GATEWAY_LIMITS.questions)
      throw new AmpError('busy', 'this peer asks as many questions as it can; try again in a while')
    this.#questions++
    return () => this.#questions--
  }

  #resume(by: Attendant, id: string): Attendant {
    if (by.engagements > 0) throw new AmpError('not-allowed', 'resume with the first message of a connection')
    const attended = [...this.#attended].find(([, { session }]) => session.id === id)
    const before = this.#cut.get(id)?.attendant ?? attended?.[1]
    if (before === undefined || before === by)
      throw new AmpError('stale', 'that session has ended; join its spaces again, all their records are sent')
    if (before.session.form !== by.session.form)
      throw new AmpError('not-allowed', 'resume in the form the session began in')
    this.#cut.get(id)?.forget()
    this.#cut.delete(id)
    if (attended !== undefined) this.#attended.delete(attended[0])
    const [connection] = [...this.#attended].find(([, attendant]) => attendant === by) ?? []
    if (connection !== undefined) this.#attended.set(connection, before)
    return before
  }

  #hello({ id }: Session): Omit<GatewayAnswer<'hello'>, 'id'> {
    const { messagesPerSecond, messageBurst, conversations, spaces, kept, lingerMs, helloAgents } = GATEWAY_LIMITS
    const { message, depth } = WIRE_LIMITS
    const { mesh, identity } = this.#peer
    return {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      features: FEATURES,
      mesh: mesh.id,
      name: mesh.file.name,
      peer: identity.peerId,
      session: id,
      agents: this.#peer.agents().slice(0, helloAgents).map(shownAgent),
      limits: { message, depth, messagesPerSecond, messageBurst, conversations, spaces, kept, lingerMs },
    }
  }
}
