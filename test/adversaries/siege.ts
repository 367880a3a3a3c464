/**
 * Honest peers among a crowd of Sybils: while one attack after the other goes on, the honest say words in the commons,
 * which few of them are connected to each other for, and newcomers dial the one that is besieged most.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NodeNetwork, nodeNetwork, systemRandom } from '@amp-mesh/peer/node'
import { commonsGenesis, encodeGenesis, meshLabel, spaceIdOf } from '@amp-mesh/protocol'
import { portOf } from '../unit/peer/network/stranger.ts'
import { silent } from '../unit/peer/network/test-network.ts'
import { until } from '../until.ts'
import { ATTACKS, type AttackName } from './attacks.ts'
import type { CrowdDuties } from './crowd-main.ts'
import type { Effort, Heard, HonestDuties, Seated } from './honest-main.ts'
import { DELIVERY_MS, type Phase, type SiegeResult, verdict } from './result.ts'
import { Servant } from './servant.ts'

export interface SiegeInit {
  honest: number
  sybils: number
  /** Processes of each side, beside that of the victim. */
  processes: number
  /** Words, and dials, during each attack; one of each a beat. */
  words: number
  attacks: readonly AttackName[]
  beatMs?: number
  onResult?(result: SiegeResult): void
  /** How far the preparations are. */
  say?(line: string): void
}

/** The victim now: see SiegeResult. */
type Look = Pick<SiegeResult, 'attackers' | 'neighbours' | 'stallMs' | 'rss'>
type Honest = Seated & { readonly name: string; readonly process: Servant<HonestDuties, Heard> }

/** The crowd that the rates of attacks are for. */
const CROWD = 80
/** Honest peers that each is told of; and all that the victim can reach, so that attackers are 20 to 1 there. */
const FRIENDS = 4
/** A Sybil holds on to the victim and one in so many of the others. */
const OTHERS = 5
const ATTACKERS = '127.0.1.'
const VICTIM = 'victim'
const BEAT_MS = 1_000
const START_MS = 180_000
/** A newcomer that has not reached the victim by then never did. */
const GIVE_UP_MS = 10_000
const PING_BYTES = 32

/** The first results are of no crowd yet, and of the crowd alone; there is only the first where that is not kept. */
export async function siege(init: SiegeInit): Promise<SiegeResult[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-siege-'))
  const run = new Siege(init, dataDir)
  try {
    await run.begin()
    const results: SiegeResult[] = []
    for (const attack of ['peace', 'eclipse', ...init.attacks] as const) {
      if (attack === 'eclipse') await run.surround()
      results.push(await run.under(attack))
      init.onResult?.(results.at(-1) as SiegeResult)
      if (verdict(results[0] as SiegeResult) !== 'kept') break // where peace is not kept, war shows nothing
    }
    return results
  } finally {
    await run.end()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  }
}

class Siege {
  readonly #init: SiegeInit
  readonly #dataDir: string
  readonly #processes: Servant<HonestDuties, Heard>[]
  readonly #crowd: Servant<CrowdDuties>[]
  readonly #honest: Honest[] = []
  /** By word: when each of the honest heard it. */
  readonly #heard = new Map<number, Map<string, number>>()
  #newcomers = 0

  constructor(init: SiegeInit, dataDir: string) {
    this.#init = init
    this.#dataDir = dataDir
    const onNews = ({ word, name, at }: Heard) => void this.#heard.get(word)?.set(name, at)
    const program = (name: string) => new URL(name, import.meta.url)
    const each = Array.from({ length: init.processes })
    this.#processes = ['the victim’s', ...each].map(() => new Servant(program('./honest-main.ts'), onNews))
    this.#crowd = each.map(() => new Servant(program('./crowd-main.ts')))
  }

  /** The honest are a mesh, and each has spoken. */
  async begin(): Promise<void> {
    const { honest, say = () => {} } = this.#init
    await this.#seat()
    await until('the honest are a mesh', () => this.#isMesh(), START_MS)
    say(`${honest} honest peers are a mesh`)
    // one after the other, until the verifier has admitted each
    const delays = []
    for (const { name } of this.#honest) delays.push(await this.#delivery(name, START_MS))
    say(`each of them was heard by all: in ${Math.round(Math.max(...delays))} ms at most`)
    await this.#wall()
    say(`the victim reaches ${(await this.#look()).neighbours} of them`)
  }

  async end(): Promise<void> {
    await Promise.all([...this.#crowd, ...this.#processes].map(servant => servant.end()))
  }

  async under(attack: Phase): Promise<SiegeResult> {
    const { words, sybils, beatMs = BEAT_MS } = this.#init
    const newcomers = await Promise.all(Array.from({ length: words }, () => this.#newcomer()))
    await this.#look() // what was before does not count
    const before = await this.#effort()
    const begun = performance.now()
    await this.#order(attack)
    const deliveries: Promise<number>[] = []
    const dials: Promise<number>[] = []
    const looks: Promise<Look>[] = []
    for (let n = 0; n < words; n++) {
      await until('the next beat', () => performance.now() >= begun + (n + 1) * beatMs, START_MS)
      deliveries.push(this.#delivery(this.#speaker(n), DELIVERY_MS))
      dials.push(this.#dial(newcomers[n] as NodeNetwork).catch(() => Number.POSITIVE_INFINITY))
      looks.push(this.#look())
    }
    const seconds = (performance.now() - begun) / 1_000
    const volumes = await Promise.all(this.#crowd.map(part => part.order('volume', null)))
    await this.#order('eclipse')
    const sum = (of: 'blows' | 'bytes') => volumes.reduce((total, volume) => total + volume[of], 0)
    const looked = await Promise.all(looks)
    const after = await this.#effort()
    const attackers = Math.min(...looked.map(look => look.attackers))
    return {
      attack,
      ...(isAttack(attack)
        ? { unit: ATTACKS[attack].unit, intended: (ATTACKS[attack].perSecond * sybils * seconds) / CROWD }
        : { unit: 'Sybils held a place', intended: attack === 'eclipse' ? sybils : 0 }),
      ...(isAttack(attack) ? { sent: sum('blows'), bytes: sum('bytes') } : { sent: attackers, bytes: 0 }),
      attackers,
      neighbours: Math.min(...looked.map(look => look.neighbours)),
      deliveries: await Promise.all(deliveries),
      dials: await Promise.all(dials),
      stallMs: Math.max(...looked.map(look => look.stallMs)),
      rss: Math.max(...looked.map(look => look.rss)),
      load: loadavg()[0] ?? Number.NaN,
      core: (after.coreMs - before.coreMs) / (after.busyMs - before.busyMs),
    }
  }

  get #victim(): Honest {
    return this.#honest.find(({ name }) => name === VICTIM) as Honest
  }

  /** The victim’s and the others’ by turns. */
  #speaker(n: number): string {
    return n % 2 === 0 ? VICTIM : (this.#honest[(n * 7) % this.#honest.length]?.name ?? VICTIM)
  }

  /** The first one makes the mesh and is its verifier. Each is at home in a network of its own. */
  async #seat(): Promise<void> {
    const [own, ...shared] = this.#processes
    const home = Math.min(FRIENDS, this.#init.honest - 1)
    for (let n = 0; n < this.#init.honest; n++) {
      const name = n === home ? VICTIM : `honest-${n}`
      const process = (n === home ? own : shared[n % shared.length]) as Servant<HonestDuties, Heard>
      const known = n <= home ? this.#honest : [this.#honest[0] as Honest, ...this.#honest.slice(1 - FRIENDS)]
      const addresses = known.filter(each => n <= home || each.name !== VICTIM).map(({ address }) => address)
      const seat = { name, ip: `127.0.${10 + n}.1`, dataDir: this.#dataDir, known: addresses }
      this.#honest.push({ ...(await process.order('sit', seat)), name, process })
    }
  }

  async #isMesh(): Promise<boolean> {
    const looks = await Promise.all(this.#processes.map(process => process.order('look', ATTACKERS)))
    return looks.flatMap(({ peers }) => peers).every(({ others }) => others >= Math.min(FRIENDS, this.#init.honest - 1))
  }

  /** Peers find each other: for attackers to be 20 to 1 at one of 20, something must keep it from most of them. */
  async #wall(): Promise<void> {
    const { name, process } = this.#victim
    const home = this.#honest.findIndex(each => each.name === name)
    await process.order('wall', { name, others: this.#honest.slice(home + 1).map(({ peer }) => peer) })
    const isWalled = async () => (await this.#look()).neighbours <= home
    await until('the victim has its friends only', isWalled, START_MS)
  }

  /** The crowd comes. */
  async surround(): Promise<void> {
    const { sybils, say = () => {} } = this.#init
    const { address, mesh } = this.#victim
    const others = this.#honest.filter(({ name }) => name !== VICTIM).map(each => each.address)
    const all = Array.from({ length: sybils }, (_, n) => ({
      ip: `${ATTACKERS}${n + 1}`,
      victims: [address, ...others.filter((_, i) => (i + n) % OTHERS === 0)],
    }))
    const space = spaceIdOf(encodeGenesis(commonsGenesis(mesh.id, mesh.file)))
    const target = { host: /ip4\/([^/]+)/.exec(address)?.[1] ?? '', port: portOf(address) }
    const parts = this.#crowd.length
    const common = { mesh, space, target, share: sybils / CROWD / parts }
    const enlist = (part: Servant<CrowdDuties>, i: number) =>
      part.order('enlist', { ...common, sybils: all.filter((_, n) => n % parts === i) })
    await Promise.all(this.#crowd.map(enlist))
    const isSurrounded = async () => (await this.#look()).attackers >= sybils / 2
    await until('the victim is surrounded', isSurrounded, START_MS)
    say('the crowd is there')
  }

  async #order(attack: Phase): Promise<void> {
    const name = isAttack(attack) ? attack : 'none'
    await Promise.all(this.#crowd.map(part => part.order('attack', name)))
  }

  async #look(): Promise<Look> {
    const { peers, stallMs, rss } = await this.#victim.process.order('look', ATTACKERS)
    const { attackers, others } = peers[0] ?? { attackers: 0, others: 0 }
    return { attackers, neighbours: others, stallMs, rss }
  }

  /** Of all the honest. */
  async #effort(): Promise<Effort> {
    const efforts = await Promise.all(this.#processes.map(process => process.order('effort', null)))
    const sum = (of: keyof Effort) => efforts.reduce((total, effort) => total + effort[of], 0)
    return { busyMs: sum('busyMs'), coreMs: sum('coreMs') }
  }

  /** From the word to the last of the honest who hears it; Infinity where one does not within the time. */
  async #delivery(name: string, ms: number): Promise<number> {
    const word = this.#heard.size
    const heard = new Map<string, number>()
    this.#heard.set(word, heard)
    const speaker = this.#honest.find(each => each.name === name) as Honest
    const from = await speaker.process.order('say', { name, word })
    const isHeard = () => heard.size === this.#honest.length
    await until(`all hear word ${word}`, isHeard, ms).catch(() => {})
    return isHeard() ? Math.max(...heard.values()) - from : Number.POSITIVE_INFINITY
  }

  /** Made before the attack, for it is not what making one costs that is measured; at home in a network of its own. */
  async #newcomer(): Promise<NodeNetwork> {
    const ip = `127.0.${100 + (this.#newcomers++ % 100)}.1`
    const place = { host: ip, dialFrom: ip, mesh: meshLabel(this.#victim.mesh.id), topics: [], logger: silent }
    const network = await nodeNetwork({ ...place, seed: systemRandom.bytes(32) })
    await network.start()
    return network
  }

  /** Until the newcomer has reached the victim and got an answer. */
  async #dial(newcomer: NodeNetwork): Promise<number> {
    const { address, peer } = this.#victim
    try {
      const signal = AbortSignal.timeout(GIVE_UP_MS)
      const from = performance.now()
      await newcomer.connect(address, signal)
      const stream = await newcomer.open(peer, '/ipfs/ping/1.0.0', signal)
      stream.send(systemRandom.bytes(PING_BYTES))
      for await (const _echo of stream.incoming()) return performance.now() - from
      throw new Error('no echo')
    } finally {
      await newcomer.stop()
    }
  }
}

const isAttack = (phase: Phase): phase is AttackName => phase in ATTACKS
