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
  /** Memory it keeps in the end, against that after the first fifth. */
  growth: number
  healthyDialMs: number
  /** Sockets the peer still has open a while after all is over. */
  socketsLeft: number
}

const AT_ONCE = 8
/** All kinds of input are sent in each: memory that the first of them fill up for good is no growth. */
const ROUNDS = 10
const WARM_ROUNDS = 2
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
    for (let i = 0; i < AT_ONCE; i++) strangers.push(await Stranger.meet(victim.address))
    const protocols = [...(strangers[0]?.protocols ?? [])]
    const memory = new Memory(victim, onProgress)
    for (let round = 0; round < ROUNDS; round++) {
      const chance = 3 * (seed * ROUNDS + round)
      await together(shareOf(sockets, round), chance, async (dice, n) => {
        const isPatient = n % PATIENT === PATIENT - 1
        const open = await sendRaw(victim.port, rawInput(dice), addressOf(n), isPatient)
        if (isPatient) outcome.longestOpenMs = Math.max(outcome.longestOpenMs, open)
        outcome.sockets++
      })
      await together(shareOf(conversations, round), chance + 1, async (dice, n) => {
        if (await conversation(victim, addressOf(n), dice)) outcome.conversations++
      })
      await together(shareOf(streams, round), chance + 2, async (dice, n) => {
        if (await (strangers[n % AT_ONCE] as Stranger).trouble(dice)) outcome.streams++
      })
      await memory.look(round)
    }
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

interface Share {
  from: number
  to: number
}

/** What of so many is done in a round. */
const shareOf = (count: number, round: number): Share => ({
  from: Math.floor((count * round) / ROUNDS),
  to: Math.floor((count * (round + 1)) / ROUNDS),
})

/** Does it for each number of the share, a few at once, each runner with chances of its own. */
async function together(
  { from, to }: Share,
  seed: number,
  action: (dice: Dice, n: number) => Promise<void>,
): Promise<void> {
  let next = from
  const runner = async (lane: number) => {
    const dice = new Dice(seed * AT_ONCE + lane)
    for (let n = next++; n < to; n = next++) await action(dice, n)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => runner(lane)))
}

class Memory {
  readonly #victim: Victim
  readonly #onProgress: (what: string) => void
  #warm: number | undefined

  constructor(victim: Victim, onProgress: (what: string) => void) {
    this.#victim = victim
    this.#onProgress = onProgress
  }

  /** After each round. Rejects when the victim does not answer. */
  async look(round: number): Promise<void> {
    const state = await this.#victim.state()
    if (round + 1 >= WARM_ROUNDS) this.#warm ??= state.rss
    this.#onProgress(`${round + 1} of ${ROUNDS}, ${Math.round(state.rss / 1e6)} MB, ${state.sockets} sockets`)
  }

  growth({ rss }: VictimState): number {
    return this.#warm === undefined ? 1 : rss / this.#warm
  }
}
