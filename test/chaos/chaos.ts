/**
 * The chaos: peers in processes of their own send each other messages while they are killed, cut from power and from
 * each other; then an auditor reads what is on their disks.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { agentIdOf } from '@amp-mesh/protocol'
import { program } from '../program.ts'
import { seeded } from '../scenarios/village.ts'
import { until } from '../until.ts'
import type { Audit } from './auditor-main.ts'
import { Member } from './member.ts'
import type { Mutant } from './mutants.ts'

export interface ChaosInit {
  seed: number
  /** Messages that must be acknowledged. */
  messages: number
  /** kill -9 of a random peer; power cuts of one; partitions; and losses of the disk of the one that only sends. */
  kills: number
  cuts: number
  partitions: number
  losses: number
  /** Power cuts of all at once. */
  blackouts: number
  members?: number
  mutant?: Mutant
  say?(line: string): void
}

export interface ChaosResult extends Audit {
  /** From the first message to the last, ms. */
  ms: number
  perSecond: number
}

type Blow = 'kill' | 'cut' | 'partition' | 'loss' | 'blackout'

const AUDITOR = program(new URL('./auditor-main.ts', import.meta.url))
/** Only sends: what a lost disk held for others to keep would be lost with it. */
const FORGETFUL = 'eve'
const NAMES = ['anna', 'ben', 'cleo', 'dan', FORGETFUL]
/** Messages of one peer that wait to be acknowledged. */
const WINDOW = 64
const SPLIT_MS = 1_500
const DRAIN_MS = 600_000
const LOOK_MS = 500
/** Messages after which a lost disk is a loss. */
const SAID = 100

export async function chaos(init: ChaosInit): Promise<ChaosResult> {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-chaos-'))
  const run = new Chaos(init, dataDir)
  try {
    return await run.run()
  } finally {
    await run.end()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  }
}

class Chaos {
  readonly #init: ChaosInit
  readonly #dataDir: string
  readonly #random: () => number
  readonly #members: Member[]
  readonly #acknowledged: string[] = []
  /** Peers that are being killed or started now. */
  readonly #busy = new Set<Member>()

  constructor(init: ChaosInit, dataDir: string) {
    this.#init = init
    this.#dataDir = dataDir
    this.#random = seeded(init.seed)
    const names = NAMES.slice(-(init.members ?? NAMES.length))
    const onAcknowledged = (messages: readonly string[]) => void this.#acknowledged.push(...messages)
    this.#members = names.map(
      name => new Member({ name, dataDir, onAcknowledged, ...(init.mutant && { mutant: init.mutant }) }),
    )
  }

  async run(): Promise<ChaosResult> {
    const { messages, say } = this.#init
    // the first one makes the mesh
    const [first, ...others] = this.#members
    await first?.start([])
    await Promise.all(others.map(member => member.start(this.#members)))
    for (const member of this.#members) this.#send(member)
    await until('the first message', () => this.#acknowledged.length > 0, DRAIN_MS)
    const begun = performance.now()
    const blows = this.#blows()
    const underWay: Promise<void>[] = []
    for (const [n, blow] of blows.entries()) {
      const due = ((n + 1) * messages) / (blows.length + 1)
      await until(`${due} messages`, () => this.#acknowledged.length >= due && this.#busy.size < 2, DRAIN_MS)
      underWay.push(this.#strike(blow))
      if (n % 20 === 19) say?.(`${this.#acknowledged.length} acknowledged, ${n + 1} of ${blows.length} blows`)
    }
    await until('all messages', () => this.#acknowledged.length >= messages, DRAIN_MS)
    const ms = performance.now() - begun
    const sent = this.#acknowledged.length
    await Promise.all(underWay)
    for (const member of this.#members) member.tell({ do: 'rest' })
    await until('all is handled', () => this.#isDrained(), DRAIN_MS)
    for (const member of this.#members) await member.end('stop')
    return { ...(await this.#audit()), ms, perSecond: (sent * 1_000) / ms }
  }

  async end(): Promise<void> {
    await Promise.all(this.#members.map(member => member.end('kill')))
  }

  #blows(): Blow[] {
    const { kills, cuts, partitions, losses, blackouts } = this.#init
    const counts = { kill: kills, cut: cuts, partition: partitions, loss: losses, blackout: blackouts }
    const blows = Object.entries(counts).flatMap(([blow, count]) => Array<Blow>(count).fill(blow as Blow))
    return blows
      .map(blow => ({ blow, lot: this.#random() }))
      .sort((a, b) => a.lot - b.lot)
      .map(({ blow }) => blow)
  }

  async #strike(blow: Blow): Promise<void> {
    if (blow === 'partition') return this.#split()
    if (blow === 'blackout') return this.#blackOut()
    const isWorthIt = ({ name, acknowledged }: Member) => name === FORGETFUL && acknowledged >= SAID
    const victims = () =>
      this.#members.filter(member => !this.#busy.has(member) && (blow !== 'loss' || isWorthIt(member)))
    await until('somebody to strike', () => victims().length > 0, DRAIN_MS)
    const found = victims()
    await this.#kill(found[Math.floor(this.#random() * found.length)] as Member, blow)
  }

  async #kill(victim: Member, blow: 'kill' | 'cut' | 'loss'): Promise<void> {
    this.#busy.add(victim)
    await victim.end('kill')
    if (blow === 'cut') await victim.cutPower(this.#random)
    if (blow === 'loss') await victim.loseDisk()
    await victim.start(this.#members)
    this.#busy.delete(victim)
    this.#send(victim)
  }

  async #blackOut(): Promise<void> {
    await until('all are there', () => this.#busy.size === 0, DRAIN_MS)
    for (const member of this.#members) this.#busy.add(member)
    await Promise.all(this.#members.map(member => member.end('kill')))
    for (const member of this.#members) await member.cutPower(this.#random)
    for (const member of this.#members) {
      await member.start(this.#members)
      this.#busy.delete(member)
      this.#send(member)
    }
  }

  /** Two sides; whoever is started meanwhile is on both. */
  async #split(): Promise<void> {
    const left = this.#members.filter(() => this.#random() < 0.5)
    const right = this.#members.filter(member => !left.includes(member))
    const order = (side: readonly Member[], others: readonly Member[]) => {
      for (const member of side) member.tell({ do: 'split', from: others.map(({ peer }) => peer) })
    }
    order(left, right)
    order(right, left)
    await new Promise(resolve => setTimeout(resolve, SPLIT_MS))
    for (const member of this.#members) member.tell({ do: 'heal' })
  }

  #send(member: Member): void {
    const others = this.#members.filter(each => each !== member && each.name !== FORGETFUL)
    member.tell({ do: 'send', to: others.map(({ peer }) => agentIdOf(peer, 'clerk')), window: WINDOW })
  }

  /** Asked now and then: each answer costs a look through all that is stored. */
  async #isDrained(): Promise<boolean> {
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    const waiting = await Promise.all(this.#members.map(member => member.waiting()))
    return waiting.every(letters => letters === 0)
  }

  async #audit(): Promise<Audit> {
    const file = join(this.#dataDir, 'acknowledged')
    await writeFile(file, this.#acknowledged.join('\n'))
    const folders = this.#members.flatMap(({ folder, lost }) => [folder, ...lost])
    const { stdout } = await promisify(execFile)(process.execPath, [AUDITOR, file, ...folders], {
      maxBuffer: 64 * 1024 * 1024,
    })
    return JSON.parse(stdout) as Audit
  }
}
