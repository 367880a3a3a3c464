/** The peer that lives in a tab; what its agents say to others directly takes code that comes when it is needed. */
import { AmpError } from '@amp-mesh/protocol'
import { ComposedPeer } from '../compose.ts'
import { hasLetters } from '../delivery/epoch-note.ts'
import type { Lines } from '../lines.ts'
import type { Messages, Messaging } from '../messaging.ts'
import type { PeerParts } from '../peer-parts.ts'
import type { Handlers } from '../router.ts'
import { openedOnce } from './opened-once.ts'

export class TabPeer extends ComposedPeer {
  /**
   * Rejects with `unreachable` when whoever served the page does not give the code, with `damaged-store`, or with
   * `stopped`.
   */
  readonly openMessages = openedOnce(() => this.#open())
  readonly #parts: PeerParts
  /** Who takes what comes, once they are open. */
  #handlers: Handlers = {}
  #messaging: Messaging | undefined
  #isOver = false

  constructor(parts: PeerParts) {
    super(parts)
    this.#parts = parts
    const { lines } = this
    lines.take({
      letters: async (...come) => {
        await this.openMessages()
        await this.#handlers.letters?.(...come)
      },
      request: async (...come) => {
        await this.openMessages()
        await this.#handlers.request?.(...come)
      },
      // nobody shall wait for the words of one that has heard nothing
      recall: ({ id }, from) => void lines.post(from, { type: 'recalled', id, publications: [] }),
    })
    this.onStop(async () => {
      this.#isOver = true
      await this.#messaging?.close()
    })
  }

  /** What waits on the disk goes on, and what comes for its agents finds somebody. */
  override async start(): Promise<void> {
    if (await hasLetters(this.#parts.storage)) await this.openMessages()
    await super.start()
  }

  async #open(): Promise<Messages> {
    const { Messaging, inTurn } = await import('./message-code.ts').catch(cause => {
      throw new AmpError('unreachable', 'the code for messages does not come: is there a network?', undefined, cause)
    })
    const { lines } = this
    const heard: Lines = {
      ...lines,
      take: handlers => {
        this.#handlers = { ...this.#handlers, ...handlers }
        lines.take(handlers)
      },
    }
    if (this.#isOver) throw new AmpError('stopped', 'the peer was stopped')
    this.#messaging = await Messaging.open({
      ...this.#parts,
      lines: heard,
      find: (text, how) => this.find(text, how),
      space: id => this.space(id),
    })
    if (this.#isOver) await this.#messaging.close()
    return inTurn(this.#messaging)
  }
}
