/** A port from one tab to another of the same origin, over the channel all of them hear. */
import type { Port } from '../calls.ts'

/** What goes over the channel. */
interface Letter {
  to: string
  from: string
  message: unknown
}

/** The tab that is the peer; others have a name by chance. */
export const HOLDER = 'holder'

export const channelOf = (name: string): string => `amp-mesh/${name}`
/** The lock a further tab holds as long as it is there. */
export const lockOf = (name: string, tab: string): string => `amp-mesh/${name}/${tab}`

export class TabPort implements Port {
  readonly #channel: BroadcastChannel
  readonly #from: string
  readonly #to: string
  readonly #listeners = new Set<(event: { data: unknown }) => void>()
  #closed = false

  constructor(channel: BroadcastChannel, from: string, to: string) {
    this.#channel = channel
    this.#from = from
    this.#to = to
  }

  postMessage(message: unknown): void {
    if (!this.#closed) this.#channel.postMessage({ to: this.#to, from: this.#from, message } satisfies Letter)
  }

  addEventListener(_type: 'message', listener: (event: { data: unknown }) => void): void {
    this.#listeners.add(listener)
  }

  /** To be closed before its channel, which takes nothing afterwards. */
  close(): void {
    this.#closed = true
  }

  deliver(message: unknown): void {
    for (const listener of this.#listeners) listener({ data: message })
  }
}

/** Gives what is sent to `self` to the port of its sender, if there is or shall be one. */
export function distribute(
  channel: BroadcastChannel,
  self: string,
  portTo: (tab: string) => TabPort | undefined,
): void {
  channel.onmessage = ({ data }: MessageEvent<Letter>) => {
    if (data.to === self) portTo(data.from)?.deliver(data.message)
  }
}
