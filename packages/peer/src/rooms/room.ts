/** A document that y-websocket clients attach to: who is in it, what they are sent, what of theirs is read. */
import { type Cancel, type Clock, ROOM_LIMITS } from '@amp-mesh/protocol'
import { Presence } from './presence.ts'
import { haveMessage, missingMessage, presenceMessage, readMessage, updateMessage } from './room-message.ts'

/** What a room shows, and what it takes from who is in it. Updates are bytes of Yjs's V1. */
export interface RoomContent {
  /**
   * All that a client with this state vector lacks; undefined when it comes with another document than this one. Throws
   * on bytes that are no state vector.
   */
  missing(stateVector: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>
  onUpdate(listener: (update: Uint8Array) => void): Cancel
  /** State vector to ask a new client with; without it nobody may write here, and nothing written is read. */
  has?(): Uint8Array | Promise<Uint8Array>
  /** What a client wrote: hostile bytes. */
  take?(update: Uint8Array): void
  close(): void
}

/** A client's connection, as its adapter sees it. */
export interface Visitor {
  send(bytes: Uint8Array): void
  /** Bytes handed to `send` that did not leave yet. */
  readonly backlog: number
  close(code: number, reason: string): void
}

/** Close codes. y-websocket does not come back after one from 4400 to 4499. */
export const CLOSE = { goingAway: 1001, tryAgain: 1013, badMessage: 4400, noSuchRoom: 4404, elsewhere: 4409 } as const

interface Attendance {
  readonly visitor: Visitor
  /** What it may have unsent: the documents it asked for are its own choice. */
  allowance: number
  answeredAt: number
  messages: number
  countedAt: number
}

export class Room {
  readonly #content: RoomContent
  readonly #clock: Clock
  readonly #present = new Map<Visitor, Attendance>()
  readonly #presence = new Presence<Visitor>()
  readonly #unsubscribe: Cancel

  constructor(content: RoomContent, clock: Clock) {
    this.#content = content
    this.#clock = clock
    this.#unsubscribe = content.onUpdate(update => this.#tellAll(updateMessage(update)))
  }

  get visitors(): number {
    return this.#present.size
  }

  /** False when the room is full. */
  async enter(visitor: Visitor): Promise<boolean> {
    if (this.visitors >= ROOM_LIMITS.visitorsPerRoom) return false
    const now = this.#clock.now()
    const allowance = ROOM_LIMITS.backlog
    const counts = { allowance, answeredAt: Number.NEGATIVE_INFINITY, messages: 0, countedAt: now }
    this.#present.set(visitor, { visitor, ...counts })
    const has = await this.#content.has?.()
    if (has !== undefined && this.#present.has(visitor)) visitor.send(haveMessage(has))
    const everybody = this.#presence.all()
    if (everybody !== undefined && this.#present.has(visitor)) visitor.send(presenceMessage(everybody))
    return true
  }

  leave(visitor: Visitor): void {
    if (!this.#present.delete(visitor)) return
    const gone = this.#presence.leave(visitor)
    if (gone !== undefined) this.#tellAll(presenceMessage(gone))
  }

  /** Takes a client's message. What no client sends ends its connection. */
  async receive(visitor: Visitor, bytes: Uint8Array): Promise<void> {
    const attendance = this.#present.get(visitor)
    if (attendance === undefined) return
    if (!this.#isWithinRate(attendance)) return this.#dismiss(visitor, CLOSE.tryAgain, 'too many messages')
    try {
      await this.#handle(attendance, bytes)
    } catch {
      this.#dismiss(visitor, CLOSE.badMessage, 'not a message of y-websocket')
    }
  }

  close(): void {
    for (const visitor of [...this.#present.keys()]) this.#dismiss(visitor, CLOSE.goingAway, 'this room was closed')
    this.#unsubscribe()
    this.#content.close()
  }

  async #handle(attendance: Attendance, bytes: Uint8Array): Promise<void> {
    const { visitor } = attendance
    const message = readMessage(bytes)
    switch (message.type) {
      case 'have':
        return this.#answer(attendance, message.stateVector)
      case 'missing':
      case 'update':
        return this.#content.take?.(message.update)
      case 'presence': {
        const told = this.#presence.take(visitor, message.states)
        // its own too: y-websocket hangs up on a server that says nothing for 30 s
        if (told !== undefined) this.#tellAll(presenceMessage(told))
        return
      }
      case 'who': {
        const everybody = this.#presence.all()
        if (everybody !== undefined) this.#send(attendance, presenceMessage(everybody))
        return
      }
      default:
        return
    }
  }

  async #answer(attendance: Attendance, stateVector: Uint8Array): Promise<void> {
    const now = this.#clock.now()
    if (stateVector.length > ROOM_LIMITS.stateVector) throw new RangeError('a state vector that is too long')
    if (now - attendance.answeredAt < ROOM_LIMITS.answerMs) return
    attendance.answeredAt = now
    const missing = await this.#content.missing(stateVector)
    if (missing === undefined) return this.#dismiss(attendance.visitor, CLOSE.elsewhere, 'start with a new document')
    const answer = missingMessage(missing)
    attendance.allowance = ROOM_LIMITS.backlog + answer.length
    this.#send(attendance, answer)
  }

  #tellAll(bytes: Uint8Array): void {
    for (const attendance of [...this.#present.values()]) this.#send(attendance, bytes)
  }

  /** Who does not read is let go: it finds what it missed when it comes back. */
  #send({ visitor, allowance }: Attendance, bytes: Uint8Array): void {
    if (!this.#present.has(visitor)) return
    if (visitor.backlog + bytes.length > allowance) this.#dismiss(visitor, CLOSE.tryAgain, 'too slow')
    else visitor.send(bytes)
  }

  #dismiss(visitor: Visitor, code: number, reason: string): void {
    this.leave(visitor)
    visitor.close(code, reason)
  }

  #isWithinRate(attendance: Attendance): boolean {
    const { messagesPerSecond, messageBurst } = ROOM_LIMITS
    const now = this.#clock.now()
    const drained = ((now - attendance.countedAt) / 1_000) * messagesPerSecond
    attendance.messages = Math.max(0, attendance.messages - drained) + 1
    attendance.countedAt = now
    return attendance.messages <= messageBurst
  }
}
