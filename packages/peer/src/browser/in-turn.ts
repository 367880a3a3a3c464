/** Agents of one name in several tabs of a person: who came first gets what is sent, the next when it has gone. */
import type { Cancel } from '@amp-mesh/protocol'
import type { Messages } from '../messaging.ts'

interface Waiting {
  begin(): Cancel
  cancel?: Cancel
}

/** The messages of all tabs together: where another tab has a name already, `receive` and `onConnect` wait for it. */
export function inTurn(messages: Messages): Messages {
  const receivers = new Turns()
  const listeners = new Turns()
  return {
    send: (...given) => messages.send(...given),
    request: (...given) => messages.request(...given),
    publish: (...given) => messages.publish(...given),
    subscribe: (...given) => messages.subscribe(...given),
    connect: (...given) => messages.connect(...given),
    receive: (agent, ...given) => receivers.take(agent, () => messages.receive(agent, ...given)),
    onConnect: (agent, ...given) => listeners.take(agent, () => messages.onConnect(agent, ...given)),
  }
}

class Turns {
  readonly #byName = new Map<string, Waiting[]>()

  /** Begins when nobody has the name; throws what `begin` throws, if that is now. */
  take(name: string, begin: () => Cancel): Cancel {
    const queue = this.#byName.get(name) ?? []
    const one: Waiting = { begin }
    if (queue.length === 0) one.cancel = begin()
    this.#byName.set(name, [...queue, one])
    return () => this.#leave(name, one)
  }

  #leave(name: string, one: Waiting): void {
    const queue = this.#byName.get(name) ?? []
    const rest = queue.filter(each => each !== one)
    if (rest.length === queue.length) return
    if (rest.length === 0) this.#byName.delete(name)
    else this.#byName.set(name, rest)
    if (one.cancel === undefined) return
    one.cancel()
    const [next] = rest
    if (next !== undefined) next.cancel = next.begin()
  }
}
