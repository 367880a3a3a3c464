/** A peer under attack, as the harness leads it: another process, which may crash or hang. */
import { type ChildProcess, fork } from 'node:child_process'
import { Calls } from '@amp-mesh/peer'
import type { MeshFile, Op, PeerId, PublicKey, RecordId, SpaceId } from '@amp-mesh/protocol'
import { program } from '../program.ts'
import type { Picture } from './picture.ts'

export interface VictimSetup {
  name: string
  dataDir: string
  join: string[]
}

/** Verdicts of a space's ledger, and what the peer's doors refused, in order. */
export interface Heard {
  space: string[]
  doors: string[]
}

/** What it says of itself when it runs. */
export interface Self {
  peerId: PeerId
  publicKey: PublicKey
  addresses: string[]
  token: string
  /** Rooms of a space: this and its id. */
  rooms: string
  /** Its gateway for plain clients. */
  gateway: string
}

/** What the process has used. */
export interface Cost {
  residentBytes: number
  cpuMs: number
}

/** Above this a peer that answers nothing counts as hung, ms. */
const ANSWER_MS = 20_000
const MAIN = new URL('./victim-main.ts', import.meta.url)
const GUARDS_OFF = new URL('./guards-off.ts', import.meta.url).href

export class Victim {
  readonly name: string
  readonly peerId: PeerId
  readonly publicKey: PublicKey
  readonly addresses: string[]
  /** What clients of its gateway and its rooms have to show. */
  readonly token: string
  readonly gatewayUrl: string
  readonly #rooms: string
  readonly #child: ChildProcess
  readonly #calls: Calls

  /** Resolves when the peer runs. `guarded: false`: a build of it without its guards. */
  static async start(setup: VictimSetup, guarded: boolean): Promise<Victim> {
    const child = fork(guarded ? program(MAIN) : MAIN, [JSON.stringify(setup)], {
      execArgv: guarded ? [] : ['--import', GUARDS_OFF],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let errors = ''
    child.stderr?.on('data', chunk => {
      errors = (errors + chunk).slice(-2_000)
    })
    const calls = new Calls(
      {
        postMessage: message => void (child.connected && child.send(message as object, () => {})),
        addEventListener: (_, listener) => void child.on('message', data => listener({ data })),
      },
      {},
    )
    const ended = new Promise<never>((_, reject) =>
      child.once('exit', code => reject(new Error(`${setup.name} ended with ${code}: ${errors}`))),
    )
    const self = calls.call<Self>('self', [])
    return new Victim(setup.name, child, calls, await Promise.race([self, ended]))
  }

  private constructor(name: string, child: ChildProcess, calls: Calls, self: Self) {
    this.name = name
    this.#child = child
    this.#calls = calls
    this.peerId = self.peerId
    this.publicKey = self.publicKey
    this.addresses = self.addresses
    this.token = self.token
    this.gatewayUrl = self.gateway
    this.#rooms = self.rooms
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  roomsUrl = (space: SpaceId): string => this.#rooms + space
  mesh = (): Promise<MeshFile> => this.#call('mesh')
  isIn = (space: SpaceId): Promise<boolean> => this.#call('isIn', space)
  picture = (space: SpaceId): Promise<Picture> => this.#call('picture', space)
  has = (space: SpaceId, record: RecordId): Promise<boolean> => this.#call('has', space, record)
  append = (space: SpaceId, ...ops: Op[]): Promise<RecordId[]> => this.#call('append', space, ops)
  putArtifact = (space: SpaceId, content: string): Promise<RecordId> => this.#call('putArtifact', space, content)
  artifact = (space: SpaceId, id: RecordId): Promise<string> => this.#call('artifact', space, id)
  heard = (space: SpaceId): Promise<Heard> => this.#call('heard', space)
  cost = (): Promise<Cost> => this.#call('cost')

  async stop(): Promise<void> {
    if (!this.isRunning) return
    const gone = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await gone
  }

  #call<T>(name: string, ...args: unknown[]): Promise<T> {
    return this.#calls.call<T>(name, args, AbortSignal.timeout(ANSWER_MS))
  }
}
