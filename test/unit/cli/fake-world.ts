/** Surroundings in memory: what a command wrote can be read, and the mesh is what the test says it is. */
import { type Candidate, LexicalEmbedder } from '@amp-mesh/discovery'
import type { Asking, AskOptions, Happening, Peer, PeerInfo, Space } from '@amp-mesh/peer'
import type { LocalPeer, PeerInit } from '@amp-mesh/peer/node'
import { AmpError, type Clock, identityFromSeed, silentTracer, verifyPortable } from '@amp-mesh/protocol'
import type { Surroundings } from '../../../packages/cli/src/world.ts'
import { ANSWER, SPACE, STORY } from './story.ts'

export interface FakeWorld extends Surroundings {
  readonly out: () => string
  readonly err: () => string
  /** Inits of the peers that commands created, in order. */
  readonly created: PeerInit[]
  /** Questions that were asked. */
  readonly asked: { query: string; options: AskOptions }[]
  /** How many peers were stopped. */
  readonly stopped: () => number
}

export interface FakeWorldInit {
  env?: Record<string, string>
  locals?: LocalPeer[]
  story?: Happening[]
  peers?: PeerInfo[]
  spaces?: Space[]
  /** What is found, in this order, for so many messages. */
  candidates?: Candidate[]
  messages?: number
  /** Folder names that another process holds. */
  inUse?: string[]
  tty?: boolean
  signal?: AbortSignal
  parts?: Partial<Surroundings>
}

export function fakeWorld(init: FakeWorldInit = {}): FakeWorld {
  const { env = {}, locals = [], inUse = [], tty = false, signal = new AbortController().signal } = init
  const written = { out: '', err: '' }
  const created: PeerInit[] = []
  const asked: FakeWorld['asked'] = []
  let stopped = 0
  return {
    out: () => written.out,
    err: () => written.err,
    created,
    asked,
    stopped: () => stopped,
    stdout: { write: (text: string) => (written.out += text), isTTY: tty, columns: 100 },
    stderr: { write: (text: string) => (written.err += text) },
    env,
    signal,
    prompt: async () => undefined,
    async createPeer(peer) {
      created.push(peer)
      if (inUse.includes(peer.name)) throw new AmpError('folder-in-use', `another process uses ${peer.name}`)
      return fakePeer(init, asked, () => stopped++)
    },
    localPeers: async () => locals,
    dataRoot: async () => '/nowhere',
    archivePlaces: async () => [],
    openArchive: async place => {
      throw new AmpError('damaged-store', `there is nothing in ${place.path}`)
    },
    invite: async () => {
      throw new AmpError('not-allowed', 'a fake world has no closed mesh')
    },
    revoke: async () => {
      throw new AmpError('not-allowed', 'a fake world has no closed mesh')
    },
    rotate: async () => {
      throw new AmpError('not-allowed', 'a fake world has no closed mesh')
    },
    verifier: async () => verifyPortable,
    loadAgents: async file => {
      throw new AmpError('bad-agent-file', `${file}: there is no such file`)
    },
    pageSite: async () => ({ handler: () => {}, show: () => {}, url: () => undefined }),
    hostAgents: async () => ({ close: async () => {} }),
    modelFromEnvironment: async () => undefined,
    openEmbedder: async () => new LexicalEmbedder(),
    ...init.parts,
  }
}

/** Waiting takes no time here. */
const immediately: Clock = {
  now: () => 0,
  after(_ms, action) {
    const timer = setImmediate(action)
    return () => clearImmediate(timer)
  },
}

export const SOMEWHERE = '/ip4/127.0.0.1/tcp/4001/ws/p2p/12D3KooWFake'

function fakePeer(
  { story = STORY, peers = [], spaces = [], candidates = [], messages = 0 }: FakeWorldInit,
  asked: FakeWorld['asked'],
  onStop: () => void,
): Peer {
  const nothing = { debug() {}, info() {}, warn() {}, error() {} }
  return {
    identity: identityFromSeed(new Uint8Array(32).fill(9)),
    mesh: { id: 'm'.repeat(43), file: { v: 1, name: 'home', key: 'k'.repeat(43), verifiers: [], limits: {} } },
    clock: immediately,
    random: { bytes: length => new Uint8Array(length), float: () => 0 },
    logger: nothing,
    metrics: { count() {}, observe() {} },
    tracer: silentTracer,
    embedder: { id: 'none', dimensions: 1, embed: async () => [] },
    model: undefined,
    addresses: () => [SOMEWHERE],
    drain: async () => {},
    stop: async () => onStop(),
    ask(query, options = {}) {
      asked.push({ query, options })
      return asking(story)
    },
    createSpace: () => Promise.reject(new AmpError('stopped')),
    spaces: () => spaces,
    get commons(): Space {
      throw new Error('a fake peer has no commons')
    },
    space: id => spaces.find(space => space.id === id),
    async *find(_text, { cost = { lookups: 0, messages: 0, bytes: 0 } } = {}) {
      cost.messages += messages
      cost.lookups += messages > 0 ? 1 : 0
      cost.bytes += 100 * messages
      yield* candidates
    },
    peers: () => peers,
    async *inspect() {
      yield { at: 0, event: 'connected', peer: 'p' }
    },
    announce: async () => {},
    onInvitation: () => () => {},
  }
}

function asking(story: Happening[]): Asking {
  const done = story.at(-1)
  return {
    space: Promise.resolve(SPACE),
    answer: Promise.resolve(done?.type === 'done' ? done : ANSWER),
    async *[Symbol.asyncIterator]() {
      yield* story
    },
  }
}
