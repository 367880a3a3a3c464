/** What the sender of a message knew of its space, and waiting until this peer knows as much. */
import {
  type Clock,
  type Context,
  DELIVERY_LIMITS,
  type PeerId,
  type SpaceId,
  sleep,
  WIRE_LIMITS,
} from '@amp-mesh/protocol'
import type { Space } from '../contract.ts'

/** Between two looks whether the records have come, ms. */
const LOOK_MS = 25

/** How far this peer holds the logs of a space; of many logs the longest. */
export function contextOf({ id, replica }: Space): Context {
  const heads = [...replica.records.heads()].sort(([, a], [, b]) => b - a)
  return { space: id, heads: heads.slice(0, WIRE_LIMITS.contextHeads).map(([log, seq]) => [log, seq]) }
}

export interface ParkingInit {
  clock: Clock
  space(id: SpaceId): Space | undefined
}

/** Messages that wait for what their senders knew. */
export class Parking {
  readonly #init: ParkingInit
  readonly #parked = new Map<PeerId, number>()

  constructor(init: ParkingInit) {
    this.#init = init
  }

  /** The space, if this peer holds at least what the context says. */
  held({ space, heads }: Context): Space | undefined {
    const found = this.#init.space(space)
    const ours = found && new Map(found.replica.records.heads())
    return heads.every(([log, seq]) => (ours?.get(log) ?? -1) >= seq) ? found : undefined
  }

  /** Resolves when the context is held, or when it was waited for long enough; at once when too many wait already. */
  async wait(from: PeerId, context: Context): Promise<void> {
    const { clock } = this.#init
    const parked = this.#parked.get(from) ?? 0
    if (parked >= DELIVERY_LIMITS.parked) return
    this.#parked.set(from, parked + 1)
    const end = clock.now() + DELIVERY_LIMITS.parkMs
    while (this.held(context) === undefined && clock.now() < end) await sleep(clock, LOOK_MS)
    const left = (this.#parked.get(from) ?? 1) - 1
    if (left === 0) this.#parked.delete(from)
    else this.#parked.set(from, left)
  }
}
