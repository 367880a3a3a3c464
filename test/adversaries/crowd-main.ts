/** A part of the crowd: Sybils of one process, that hold on to their victims and attack when told. */
import type { SpaceId } from '@amp-mesh/protocol'
import type { KnownMesh } from '../../packages/peer/src/hello.ts'
import { ATTACKS, type AttackName } from './attacks.ts'
import { serve } from './servant.ts'
import { Sockets } from './sockets.ts'
import { Sybil } from './sybil.ts'

export interface Enlistment {
  mesh: KnownMesh
  space: SpaceId
  sybils: { ip: string; victims: string[] }[]
  /** Where raw sockets go to. */
  target: { host: string; port: number }
  /** Of the whole crowd: how much of an attack is this process'. */
  share: number
}

/** What left this process. */
export interface Volume {
  blows: number
  bytes: number
}

export type CrowdDuties = {
  enlist(order: Enlistment): Promise<void>
  /** Begins an attack, which goes on until the next one; `none` ends it. */
  attack(name: AttackName | 'none'): void
  /** Of the attack that goes on, or ended last. */
  volume(order: null): Volume
}

const TICK_MS = 50
const HOLD_MS = 500
/** What a process without time did not send it does not make up for beyond this, s: that would be another attack. */
const ARREARS_S = 0.5

let sybils: Sybil[] = []
let enlisted: Enlistment | undefined
let sockets: Sockets | undefined
let volume: Volume = { blows: 0, bytes: 0 }
let attacking: NodeJS.Timeout | undefined

serve({
  async enlist(order: Enlistment) {
    enlisted = order
    sockets = new Sockets(order.target)
    sybils = await Promise.all(order.sybils.map(({ ip, victims }) => Sybil.start(order.mesh, ip, victims)))
    const hold = () => {
      for (const sybil of sybils) sybil.hold()
    }
    hold()
    setInterval(hold, HOLD_MS)
  },
  attack(name: AttackName | 'none') {
    clearInterval(attacking)
    sockets?.close()
    if (name !== 'none') begin(name)
  },
  volume: () => volume,
} satisfies CrowdDuties)

function begin(name: AttackName): void {
  if (enlisted === undefined || sockets === undefined) throw new Error('nobody is enlisted')
  const { strike, perSecond } = ATTACKS[name]
  const world = { sockets, space: enlisted.space, n: 0 }
  const rate = perSecond * enlisted.share
  const struck: Volume = { blows: 0, bytes: 0 }
  volume = struck
  let due = 0
  let last = performance.now()
  attacking = setInterval(() => {
    const now = performance.now()
    due = Math.min(due + ((now - last) / 1_000) * rate, rate * ARREARS_S)
    last = now
    for (; due >= 1; due--) {
      const bytes = strike(sybils[world.n % sybils.length] as Sybil, world)
      world.n++
      if (bytes === undefined) continue
      struck.blows++
      struck.bytes += bytes
    }
  }, TICK_MS)
}
