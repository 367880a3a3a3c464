/**
 * Finding agents in a mesh of real peers on real sockets: 60 peers in 6 processes, 1,200 agents with real descriptions,
 * labelled requests. By the index in the DHT alone, then with gossip; and again after a third of the peers was killed.
 * `--json`: one object. `--peers`, `--agents`, `--requests`: other sizes. Exit code 1 where a target is missed.
 */
import '../test/compile-cache.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CardIndex, LexicalEmbedder } from '@amp-mesh/discovery'
import type { CardDraft } from '@amp-mesh/peer'
import { AGENT_LIMITS, type AgentCard, agentIdOf } from '@amp-mesh/protocol'
import { commandLine } from '../scripts/command-line.ts'
import { until } from '../test/until.ts'
import { type Material, material } from './mesh-discovery/material.ts'
import { type Asked, PeerProcess } from './mesh-discovery/peer-process.ts'
import { conclude, type Verdict } from './verdict.ts'

interface Figures {
  /** Share of requests with a right agent in the first five; of a search through everything; divided. */
  found: number
  exhaustive: number
  ratio: number
  firstP50Ms: number
  firstP99Ms: number
  allP50Ms: number
  messages: number
  kilobytes: number
}
interface Publishing {
  seconds: number
  messagesPerCard: number
}

const PROCESSES = 6
const PATIENCE_MS = 15 * 60_000
const PROGRESS_MS = 20_000

export default async function run(args: string[]): Promise<void> {
  const defaults = { json: false, peers: 60, agents: 1_200, requests: 120, seed: 1 }
  const { values } = commandLine(import.meta.url, defaults, args)
  const { peers, agents, requests } = values
  const words = material(agents, requests, values.seed)
  const started = performance.now()
  const say = (what: string) =>
    process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${what}\n`)
  say(`${peers} peers start, with the DHT alone`)
  const quiet = await Mesh.start(words, peers, true)
  say(`${agents} agents are published`)
  const published = await quiet.announce('first', say)
  say(`all are there after ${published.seconds.toFixed(0)} s; ${requests} requests are asked`)
  const dht = await quiet.ask('dht')
  say(foundWords(dht))
  say('a third of the peers is killed, the others publish again')
  await quiet.killThird()
  const again = await quiet.announce('again', say)
  say('the requests are asked again')
  const after = await quiet.ask('dht')
  say(foundWords(after))
  await quiet.stop()
  say('peers start with gossip, and tell each other of all agents')
  const loud = await Mesh.start(words, peers, false)
  const told = await loud.announce('first', say, true)
  await loud.known()
  say(`every peer knows every agent; all were published after ${told.seconds.toFixed(0)} s`)
  say('the requests are asked of the directory')
  const directory = await loud.ask('directory')
  await loud.stop()
  const verdicts: Verdict[] = [
    { target: 'DHT alone: right in five, × exhaustive', measured: dht.ratio, min: 0.93 },
    { target: 'with gossip: right in five, × exhaustive', measured: directory.ratio, min: 0.93 },
    { target: 'a third killed, one refresh: × exhaustive', measured: after.ratio, min: 0.93 },
    { target: 'first candidate by DHT, p50 ms', measured: dht.firstP50Ms, max: 300 },
    { target: 'first candidate by directory, p50 ms', measured: directory.firstP50Ms, max: 10 },
    { target: 'publication of all, s', measured: published.seconds, max: 240 },
  ]
  const table = tableOf({ dht, 'a third killed': after, directory }, { first: published, again })
  const figures = { published, dht, again, after, directory }
  process.exit(conclude('mesh-discovery', { figures, table, verdicts }, values.json))
}

class Mesh {
  readonly #words: Material
  readonly #peers: number
  readonly #folder: string
  readonly #processes: PeerProcess[] = []
  /** By agent id: position in the material. Of all that are alive. */
  readonly #agents = new Map<string, number>()
  /** Ids of each process's peers. */
  readonly #ids: string[][] = []

  static async start(words: Material, peers: number, quiet: boolean): Promise<Mesh> {
    const mesh = new Mesh(words, peers)
    await mesh.#start(quiet)
    return mesh
  }

  private constructor(words: Material, peers: number) {
    this.#words = words
    this.#peers = peers
    this.#folder = mkdtempSync(join(tmpdir(), 'amp-bench-'))
  }

  async #start(quiet: boolean): Promise<void> {
    const each = Math.ceil(this.#peers / PROCESSES)
    const joined: string[] = []
    for (let n = 0; n < PROCESSES; n++) this.#processes.push(new PeerProcess({ dataDir: this.#folder, quiet }))
    // the first makes the mesh; the others know two peers each
    const names = (n: number, from: number) => Array.from({ length: each - from }, (_, i) => `peer-${n}-${i + from}`)
    const first = await this.#process(0).tell({ do: 'start', names: ['peer-0-0'], join: [] })
    joined.push(...(first.peers?.[0]?.addresses.slice(0, 1) ?? []))
    const started = this.#processes.map((process, n) =>
      process.tell({ do: 'start', names: names(n, n === 0 ? 1 : 0), join: joined }),
    )
    for (const report of await Promise.all(started)) this.#ids.push(report.peers?.map(({ id }) => id) ?? [])
  }

  #process(n: number): PeerProcess {
    return this.#processes[n] as PeerProcess
  }

  /**
   * Everybody announces its agents; how long until each was published, and at what cost. Meanwhile those that were
   * published first are renewed. `note`: makes the cards new ones. `byTurns`: one process after the other, for with
   * gossip every peer reads every card, and two processors read for sixty machines.
   */
  async announce(note: string, say: (what: string) => void, byTurns = false): Promise<Publishing> {
    const before = await this.#look()
    const started = performance.now()
    this.#agents.clear()
    const peers = this.#ids.flat().length
    let nth = 0
    const drafts = this.#processes.map((_, n) =>
      (this.#ids[n] ?? []).map(id => {
        const at = nth++
        return this.#words.agents.flatMap((_, i) => (i % peers === at ? [this.#draft(i, id, note)] : []))
      }),
    )
    const tell = (n: number) => this.#process(n).tell({ do: 'announce', drafts: drafts[n] ?? [] })
    const progress = setInterval(async () => {
      const { cards, known } = await this.#look()
      say(`${cards - before.cards} publications of cards; every peer knows ${known} agents of others`)
    }, PROGRESS_MS)
    try {
      if (byTurns) for (const n of drafts.keys()) await tell(n)
      else await Promise.all(drafts.map((_, n) => tell(n)))
    } finally {
      clearInterval(progress)
    }
    const seconds = (performance.now() - started) / 1_000
    const { messages, cards } = await this.#look()
    const published = cards - before.cards
    if (published < this.#agents.size) throw new Error(`${published} of ${this.#agents.size} cards were published`)
    return { seconds, messagesPerCard: (messages - before.messages) / this.#agents.size }
  }

  /** Waits until every peer knows every agent. */
  async known(): Promise<void> {
    const count = this.#agents.size
    const own = Math.ceil(count / this.#ids.flat().length)
    await until('every peer knows every agent', async () => (await this.#look()).known >= count - own, PATIENCE_MS)
  }

  async ask(where: 'dht' | 'directory'): Promise<Figures> {
    const exhaustive = await this.#exhaustive()
    const right = (agents: readonly string[], ids: readonly string[]) =>
      agents.slice(0, 5).some(agent => ids.includes(this.#words.agents[this.#agents.get(agent) ?? -1]?.id ?? ''))
    const alive = new Set([...this.#agents.values()].map(at => this.#words.agents[at]?.id))
    const requests = this.#words.requests.filter(request => request.right.some(id => alive.has(id)))
    const results: { asked: Asked; isRight: boolean; wouldBe: boolean }[] = []
    // one request at a time: what is measured is the mesh, not the queue before two processors
    for (const [n, { text, right: ids }] of requests.entries()) {
      const process = this.#process(n % this.#processes.length)
      const { asked } = await process.tell({ do: 'ask', nth: Math.floor(n / this.#processes.length), text, in: where })
      if (asked !== undefined)
        results.push({ asked, isRight: right(asked.best, ids), wouldBe: right(await exhaustive(text), ids) })
    }
    const share = (is: (result: (typeof results)[number]) => boolean) => results.filter(is).length / results.length
    const [found, would] = [share(({ isRight }) => isRight), share(({ wouldBe }) => wouldBe)]
    const times = (time: (asked: Asked) => number | undefined) => results.flatMap(({ asked }) => time(asked) ?? [])
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    return {
      found,
      exhaustive: would,
      ratio: found / would,
      firstP50Ms: quantile(
        times(({ firstMs }) => firstMs),
        0.5,
      ),
      firstP99Ms: quantile(
        times(({ firstMs }) => firstMs),
        0.99,
      ),
      allP50Ms: quantile(
        times(({ allMs }) => allMs),
        0.5,
      ),
      messages: mean(results.map(({ asked }) => asked.messages)),
      kilobytes: mean(results.map(({ asked }) => asked.bytes)) / 1_000,
    }
  }

  /** kill -9. What their agents could do, nobody can now. */
  async killThird(): Promise<void> {
    for (let n = 0; n < PROCESSES / 3; n++) {
      await this.#processes.pop()?.kill()
      this.#ids.pop()
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map(process => process.kill()))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #draft(at: number, peer: string, note: string): CardDraft {
    const { name, description } = this.#words.agents[at] ?? { name: 'none', description: 'nothing' }
    const draft = {
      name: `${slug(name)}-${at}`,
      capabilities: [{ text: description.slice(0, AGENT_LIMITS.capabilityLength) || name }],
      operator: note,
      model: 'none',
      state: 'ready' as const,
    }
    this.#agents.set(agentIdOf(peer, draft.name), at)
    return draft
  }

  /** All agents that are alive in one index: what a search through everything gives. */
  async #exhaustive(): Promise<(text: string) => Promise<string[]>> {
    const index = new CardIndex({ embedder: new LexicalEmbedder(), cards: this.#agents.size })
    for (const [agent, at] of this.#agents) {
      const { operator, model, state, capabilities } = this.#draft(at, agent.slice(6, agent.lastIndexOf('/')), 'first')
      const card: AgentCard = {
        ...{ v: 1, mesh: '', agent, capabilities: [...capabilities], operator, model, state, addresses: [] },
        ...{ seq: 1, issued: 1, expires: 2 },
      }
      index.put(card)
    }
    await index.settle()
    return async text => {
      const ranked = await index.search(await index.request(text), { limit: 5 })
      return ranked.map(({ card }) => card.agent)
    }
  }

  async #look(): Promise<{ messages: number; cards: number; known: number }> {
    const reports = await Promise.all(this.#processes.map(process => process.tell({ do: 'look' })))
    const sum = (values: readonly (number | undefined)[]) =>
      values.reduce<number>((total, value) => total + (value ?? 0), 0)
    return {
      messages: sum(reports.map(({ messages }) => messages)),
      cards: sum(reports.map(({ cards }) => cards)),
      known: Math.min(...reports.map(({ known }) => known ?? 0)),
    }
  }
}

const foundWords = ({ ratio, firstP50Ms }: Figures) =>
  `right in five: ${ratio.toFixed(3)} of an exhaustive search; first candidate after ${firstP50Ms.toFixed(0)} ms (p50)`

const slug = (name: string) =>
  name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 56) || 'x'

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

function tableOf(
  figures: Readonly<Record<string, Figures>>,
  publishing: Readonly<Record<string, Publishing>>,
): string[] {
  const n = (value: number, digits = 0) => value.toFixed(digits).padStart(9)
  return [
    '                   in five  exhaustive  ratio  first p50   p99 ms  all p50  messages   kB',
    ...Object.entries(figures).map(([name, each]) =>
      [
        name.padEnd(16),
        ...[each.found, each.exhaustive, each.ratio].map(value => n(value, 3)),
        ...[each.firstP50Ms, each.firstP99Ms, each.allP50Ms, each.messages, each.kilobytes].map(value => n(value)),
      ].join(''),
    ),
    ...Object.entries(publishing).map(
      ([name, { seconds, messagesPerCard }]) =>
        `published, ${name}: ${seconds.toFixed(0)} s, ${messagesPerCard.toFixed(1)} messages a card`,
    ),
  ]
}
