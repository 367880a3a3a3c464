/**
 * A network that loses packets and is slow, and twice breaks all connections of one: nobody may be taken for gone, and
 * in the end all reach all. Linux with nft, in namespaces of its own.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Member, Namespaces, whyNoNamespaces } from '../scenarios/network-namespaces.ts'
import { until } from '../until.ts'
import type { SlowOrder, SlowReport } from './slow-member.ts'

export interface SlowNetwork {
  minutes: number
  /** Percent of packets. */
  loss: number
  /** Each way, half of it more or less by chance. */
  delayMs: number
}

export interface SlowNetworkOutcome {
  /** Time in which one peer watched another, h. */
  peerHours: number
  falseSuspicions: number
  falseGone: number
  /** Connections that were cut, by whomever. */
  disconnected: number
  /** Of all pairs, who reaches whom in the end. */
  reachable: number
  pairs: number
}

const PROGRAM = new URL('./slow-member.ts', import.meta.url).pathname
const NAMES = ['anna', 'ben', 'cleo', 'dan']
/** Four processes that start on a busy machine. */
const PATIENCE_MS = 120_000

export function whyNoSlowNetwork(): string | undefined {
  try {
    execFileSync('nft', ['--version'], { stdio: 'pipe' })
    return whyNoNamespaces()
  } catch {
    return 'no nft here (Debian package nftables)'
  }
}

export async function slowNetwork({ minutes, ...badness }: SlowNetwork): Promise<SlowNetworkOutcome> {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-slow-'))
  const network = await Namespaces.create()
  const members: Villager[] = []
  try {
    for (const name of NAMES) {
      const member = new Villager(await network.start(PROGRAM, []))
      const bootstrap = members[0]?.addresses ?? []
      member.tell({ do: 'start', setup: { name, dataDir, address: member.address, join: bootstrap, ...badness } })
      await until(`${name} is ready`, () => member.addresses.length > 0, PATIENCE_MS)
      members.push(member)
    }
    const together = () => members.every(({ reachable }) => reachable === NAMES.length - 1)
    await until('all reach all', together, PATIENCE_MS)
    for (const member of members) {
      member.seen.length = 0
      member.tell({ do: 'worsen' })
    }
    for (let third = 0; third < 3; third++) {
      const end = Date.now() + (minutes * 60_000) / 3
      await until('a third of the time is over', () => Date.now() >= end, minutes * 60_000)
      if (third < 2) members[0]?.tell({ do: 'cut' }) // whom all the others have dialled
    }
    const count = (what: string) => members.flatMap(({ seen }) => seen).filter(each => each === what).length
    return {
      peerHours: (NAMES.length * (NAMES.length - 1) * minutes) / 60,
      falseSuspicions: count('suspected'),
      falseGone: count('gone'),
      disconnected: count('disconnected'),
      pairs: NAMES.length * (NAMES.length - 1),
      reachable: members.reduce((sum, { reachable }) => sum + reachable, 0),
    }
  } finally {
    network.stop()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  }
}

class Villager {
  readonly address: string
  readonly seen: string[] = []
  addresses: string[] = []
  reachable = 0
  readonly #member: Member

  constructor(member: Member) {
    this.#member = member
    this.address = member.address
    member.process.on('message', (report: SlowReport) => {
      if (report.event === 'ready') this.addresses = report.addresses
      else if (report.event === 'known') this.reachable = report.reachable
      else this.seen.push(report.what)
    })
  }

  tell(order: SlowOrder): void {
    this.#member.process.send(order)
  }
}
