/** The line to a plain client: everything it is told goes through the session, and out while somebody reads. */
import { GATEWAY_CLOSE, GATEWAY_LIMITS, type Metrics } from '@amp-mesh/protocol'
import type { Session, Untold } from './session.ts'
import type { ShownRecord } from './shown.ts'

/** A client's way to read, as its adapter sees it. */
export interface Connection {
  send(bytes: Uint8Array): void
  /** Bytes handed to `send` that did not leave yet. */
  readonly backlog: number
  /** Resolves when most of the backlog has left, or the connection is cut. */
  drained(): Promise<void>
  close(code: number, reason: string): void
}

export class Line {
  readonly #session: Session
  readonly #metrics: Metrics
  #connection: Connection | undefined

  constructor(session: Session, connection: Connection, metrics: Metrics) {
    this.#session = session
    this.#connection = connection
    this.#metrics = metrics
  }

  tell(message: Untold | ShownRecord): void {
    const { bytes } = this.#session.tell(message)
    this.#metrics.count('amp_gateway_sent', 1, { type: message.type })
    this.#send(bytes)
  }

  /** Sends what was told behind `after` once more. False when that is no longer known. */
  again(after: string | undefined): boolean {
    const missed = this.#session.after(after)
    for (const { bytes } of missed ?? []) this.#send(bytes)
    return missed !== undefined
  }

  /** Resolves when the client has room for more, or is not there. */
  async flow(): Promise<void> {
    while (this.#connection !== undefined && this.#connection.backlog > GATEWAY_LIMITS.flow)
      await this.#connection.drained()
  }

  /** Gives its connection away. */
  release(): Connection | undefined {
    const connection = this.#connection
    this.#connection = undefined
    return connection
  }

  /** Another connection takes over. */
  attach(connection: Connection | undefined): void {
    this.#connection?.close(GATEWAY_CLOSE.resumedElsewhere, 'another connection went on with this session')
    this.#connection = connection
  }

  /** Who does not read is let go: it finds what it missed when it resumes. */
  #send(bytes: Uint8Array): void {
    const connection = this.#connection
    if (connection === undefined) return
    if (connection.backlog + bytes.length <= GATEWAY_LIMITS.backlog) return connection.send(bytes)
    this.#connection = undefined
    connection.close(GATEWAY_CLOSE.tryAgain, 'too slow')
  }
}
