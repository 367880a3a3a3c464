/** Who is in a room: awareness states, relayed inside it and nowhere else, each held by the visitor that brought it. */
import { ROOM_LIMITS } from '@amp-mesh/protocol'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

interface State {
  readonly client: number
  readonly clock: number
  /** JSON text; `null` says that the client is gone. */
  readonly json: string
}

/** `V`: whoever brings states, e.g. a connection. */
export class Presence<V> {
  readonly #states = new Map<number, State & { readonly visitor: V }>()

  /** All states, for somebody new; undefined when nobody told one. */
  all(): Uint8Array | undefined {
    return this.#states.size === 0 ? undefined : encode([...this.#states.values()])
  }

  /**
   * What of a visitor's message may be told to everybody; undefined: nothing. States of another visitor's clients, of
   * more clients than a room has room for, and what is too large or no JSON are left out. Throws on other bytes.
   */
  take(visitor: V, bytes: Uint8Array): Uint8Array | undefined {
    const taken = decode(bytes).filter(state => this.#mayTake(visitor, state))
    for (const state of taken)
      if (state.json === 'null') this.#states.delete(state.client)
      else this.#states.set(state.client, { ...state, visitor })
    return taken.length === 0 ? undefined : encode(taken)
  }

  /** Takes a visitor's states away; the message tells the others. */
  leave(visitor: V): Uint8Array | undefined {
    const gone = [...this.#states.values()].filter(state => state.visitor === visitor)
    for (const { client } of gone) this.#states.delete(client)
    return gone.length === 0
      ? undefined
      : encode(gone.map(({ client, clock }) => ({ client, clock: clock + 1, json: 'null' })))
  }

  #mayTake(visitor: V, { client, clock, json }: State): boolean {
    const known = this.#states.get(client)
    if (known === undefined) return json !== 'null' && this.#states.size < ROOM_LIMITS.presences && isSound(json)
    return known.visitor === visitor && clock > known.clock && isSound(json)
  }
}

function isSound(json: string): boolean {
  if (json.length > ROOM_LIMITS.presence) return false
  try {
    JSON.parse(json)
    return true
  } catch {
    return false
  }
}

function decode(bytes: Uint8Array): State[] {
  const decoder = decoding.createDecoder(bytes)
  const states: State[] = []
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const client = decoding.readVarUint(decoder)
    const clock = decoding.readVarUint(decoder)
    states.push({ client, clock, json: decoding.readVarString(decoder) })
  }
  return states
}

const encode = (states: readonly State[]): Uint8Array =>
  encoding.encode(encoder => {
    encoding.writeVarUint(encoder, states.length)
    for (const { client, clock, json } of states) {
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarString(encoder, json)
    }
  })
