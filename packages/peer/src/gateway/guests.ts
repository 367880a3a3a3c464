/** Guests that spoke in spaces of this peer: who has nothing to add, or has left, is not waited for by the others. */
import { conclusion, restingOp } from '@amp-mesh/context'
import type { Cancel, Clock, PublicKey, SpaceId } from '@amp-mesh/protocol'
import type { Space } from '../contract.ts'

/** What of a space is looked at, and written in. */
export type GuestSpace = Pick<Space, 'id' | 'genesis' | 'age' | 'replica'>

interface Presence {
  readonly space: GuestSpace
  /** Names of guests that rest. */
  readonly resting: Set<string>
  readonly unsubscribe: Cancel
  look?: Cancel
}

/** News come in bursts: one settle answers them all, ms. */
const LOOK_MS = 200

export class Guests {
  readonly #clock: Clock
  readonly #self: PublicKey
  readonly #presences = new Map<SpaceId, Presence>()

  constructor(clock: Clock, self: PublicKey) {
    this.#clock = clock
    this.#self = self
  }

  /** It has something to say: the others wait until it rests. */
  speaks(space: GuestSpace, agent: string): void {
    this.#presences.get(space.id)?.resting.delete(agent)
  }

  /** It has nothing to add, also to what others say from now on, unless it speaks again. */
  rests(space: GuestSpace, agent: string): void {
    const presence = this.#presences.get(space.id) ?? this.#follow(space)
    presence.resting.add(agent)
    this.#lookSoon(presence)
  }

  close(): void {
    for (const presence of [...this.#presences.values()]) this.#forget(presence)
  }

  #follow(space: GuestSpace): Presence {
    const unsubscribe = space.replica.subscribe(() => this.#lookSoon(presence))
    const presence: Presence = { space, resting: new Set(), unsubscribe }
    this.#presences.set(space.id, presence)
    return presence
  }

  #lookSoon(presence: Presence): void {
    presence.look ??= this.#clock.after(LOOK_MS, () => {
      delete presence.look
      this.#look(presence)
    })
  }

  #look(presence: Presence): void {
    const { space, resting } = presence
    const { records } = space.replica
    const isOver = space.age() >= space.genesis.budget.ms || conclusion(records, space.genesis).synthesis !== undefined
    if (isOver || resting.size === 0) return this.#forget(presence)
    const owed = [...resting].flatMap(agent => restingOp(records, space.genesis, { author: this.#self, agent }) ?? [])
    // one that could not be written is owed again with the next news, and at the end nobody waits for it
    if (owed.length > 0) space.replica.append(owed).catch(() => {})
  }

  #forget(presence: Presence): void {
    presence.unsubscribe()
    presence.look?.()
    this.#presences.delete(presence.space.id)
  }
}
