/** One peer under attack from beginning to end: raw sockets, conversations, authenticated streams, and what is left. */
import { conversation } from './conversations.ts'
import { Dice } from './dice.ts'
import { rawInput, sendRaw } from './sockets.ts'
import { Stranger } from './streams.ts'
import { Victim, type VictimState } from './victim.ts'

export interface SiegeInit {
  seed: number
  sockets: number
  streams: number
  conversations: number
  onProgress?(what: string): void
}

export interface SiegeOutcome {
  /** Really sent. */
  sockets: number
  streams: number
  conversations: number
  protocols: string[]
  isAlive: boolean
  faults: string[]
  /** Of the inputs that were waited for, the longest that a socket stayed open, ms. */
  longestOpenMs: number
  /** Resident memory in the end, against that after the first fifth. */
  growth: number
  healthyDialMs: number
  /** Sockets the peer still has open a while after all is over. */
  socketsLeft: number
}

const AT_ONCE = 8
/** One in so many inputs is followed by silence, to see when the peer hangs up. */
const PATIENT = 100
/** Loopback addresses attacks come from; each has its own share of the peer's sockets. */
const ADDRESSES = 200
/** All deadlines of the port are over by then, ms. */
const CALM_MS = 15_000

export async function siege(init: SiegeInit): Promise<SiegeOutcome> {
  const { seed, sockets, streams, conversations, onProgress = () => {} } = init
  const victim = await Victim.start()
  const strangers: Stranger[] = []
  try {
    const outcome = { sockets: 0, streams: 0, conversations: 0, longestOpenMs: 0 }
    const memory = new Memory(sockets + conversations + streams, victim, onProgress)
    await together(sockets, seed, async (dice, n) => {
      const isPatient = n % PATIENT === PATIENT - 1
      const open = await sendRaw(victim.port, rawInput(dice), addressOf(n), isPatient)
      if (isPatient) outcome.longestOpenMs = Math.max(outcome.longestOpenMs, open)
      outcome.sockets++
      await memory.look(outcome.sockets)
    })
    await together(conversations, seed + 1, async (dice, n) => {
      if (await conversation(victim, addressOf(n), dice)) outcome.conversations++
      await memory.look(sockets + n + 1)
    })
    for (let i = 0; i < AT_ONCE; i++) strangers.push(await Stranger.meet(victim.address))
    const protocols = [...(strangers[0]?.protocols ?? [])]
    await together(streams, seed + 2, async (dice, n) => {
      if (await (strangers[n % AT_ONCE] as Stranger).trouble(dice)) outcome.streams++
      await memory.look(sockets + conversations + n + 1)
    })
    const healthyDialMs = await victim.healthyDialMs()
    await Promise.all(strangers.splice(0).map(stranger => stranger.stop()))
    const state = await calm(victim)
    return {
      ...outcome,
      protocols,
      isAlive: victim.isAlive,
      faults: state.faults,
      growth: memory.growth(state),
      healthyDialMs,
      socketsLeft: state.sockets,
    }
  } finally {
    await Promise.all(strangers.map(stranger => stranger.stop()))
    await victim.stop()
  }
}

const addressOf = (n: number) => `127.0.${1 + (n % 8)}.${1 + (n % ADDRESSES)}`

/** Its state when every socket is closed, or should be. */
async function calm(victim: Victim): Promise<VictimState> {
  const deadline = performance.now() + CALM_MS
  let state = await victim.state()
  while (state.sockets > 0 && performance.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 100))
    state = await victim.state()
  }
  return state
}

/** Does it `count` times, a few at once, each runner with chances of its own. */
async function together(count: number, seed: number, action: (dice: Dice, n: number) => Promise<void>): Promise<void> {
  let next = 0
  const runner = async (lane: number) => {
    const dice = new Dice(seed * AT_ONCE + lane)
    for (let n = next++; n < count; n = next++) await action(dice, n)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => runner(lane)))
}

class Memory {
  readonly #all: number
  readonly #victim: Victim
  readonly #onProgress: (what: string) => void
  #warm: number | undefined
  #looked = 0

  constructor(all: number, victim: Victim, onProgress: (what: string) => void) {
    this.#all = all
    this.#victim = victim
    this.#onProgress = onProgress
  }

  /** Every tenth of the way. Rejects when the victim does not answer. */
  async look(done: number): Promise<void> {
    const tenth = Math.floor((10 * done) / this.#all)
    if (tenth <= this.#looked) return
    this.#looked = tenth
    const state = await this.#victim.state()
    if (tenth >= 2) this.#warm ??= state.rss
    this.#onProgress(`${done} of ${this.#all}, ${Math.round(state.rss / 1e6)} MB, ${state.sockets} sockets`)
  }

  growth({ rss }: VictimState): number {
    return this.#warm === undefined ? 1 : rss / this.#warm
  }
}
