/** What `doctor` looks at: each check finds one thing in order, or says what to do about it. */
import { execFile } from 'node:child_process'
import { access, constants, mkdir, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import type { Peer } from '@amp-mesh/peer'
import { shortPeer } from './render/timeline.ts'
import { rollCall } from './roll-call.ts'
import { withTemporaryFolder } from './temporary-folder.ts'
import type { World } from './world.ts'

export interface Check {
  name: string
  level: 'ok' | 'warn' | 'fail'
  detail: string
  /** What to do about it. */
  next?: string
}

type Finding = Omit<Check, 'name'>

const DIAL_MS = 10_000
const MODEL_MS = 15_000

/** The checks in the order a person would try things; each is made when it is asked for. */
export async function* check(world: World, dataDir: string): AsyncGenerator<Check> {
  yield { name: 'node', ...nodeVersion() }
  yield { name: 'git', ...(await git()) }
  yield { name: 'data folder', ...(await dataFolder(dataDir)) }
  yield { name: 'port', ...(await port()) }
  yield { name: 'mesh', ...(await pair(world)) }
  yield { name: 'local peers', ...(await localPeers(world, dataDir)) }
  yield { name: 'model', ...(await model(world)) }
}

// main.ts has refused anything older by now.
const nodeVersion = (): Finding => ({ level: 'ok', detail: `${process.versions.node} (${process.execPath})` })

async function git(): Promise<Finding> {
  try {
    return { level: 'ok', detail: (await promisify(execFile)('git', ['--version'])).stdout.trim() }
  } catch {
    return {
      level: 'warn',
      detail: 'git was not found',
      next: 'Install git: the demo and its agents read repositories.',
    }
  }
}

async function dataFolder(folder: string): Promise<Finding> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    const { mode } = await stat(folder)
    if (process.platform === 'win32' || (mode & 0o022) === 0) return { level: 'ok', detail: folder }
    return {
      level: 'warn',
      detail: `others may write to ${folder}`,
      next: `Make it yours alone: chmod 700 '${folder}'`,
    }
  } catch (error) {
    return { level: 'fail', detail: told(error), next: 'Make the folder writable, or choose another with --data-dir.' }
  }
}

function port(): Promise<Finding> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', error =>
      resolve({ level: 'fail', detail: told(error), next: 'Allow this machine to listen on 127.0.0.1.' }),
    )
    server.listen(0, '127.0.0.1', () =>
      server.close(() => resolve({ level: 'ok', detail: '127.0.0.1 can be listened on' })),
    )
  })
}

/** Two throw-away peers that find each other: the whole way through network, keys and store. */
function pair({ createPeer, signal }: World): Promise<Finding> {
  return withTemporaryFolder(async dataDir => {
    const peers: Peer[] = []
    const start = performance.now()
    try {
      const first = await createPeer({ mesh: 'doctor', join: [], dataDir, name: 'first', signal })
      peers.push(first)
      const second = await createPeer({
        mesh: 'doctor',
        join: first.addresses().slice(0, 1),
        dataDir,
        name: 'second',
        signal,
      })
      peers.push(second)
      const known = () => second.peers().some(({ id }) => id === first.identity.peerId)
      await rollCall(second, { enough: known, deadlineMs: DIAL_MS, signal })
      const took = Math.round(performance.now() - start)
      if (known()) return { level: 'ok', detail: `two peers started and found each other in ${took} ms` }
      return { level: 'fail', detail: `two peers did not find each other in ${took} ms`, next: FIREWALL }
    } catch (error) {
      return { level: 'fail', detail: told(error), next: FIREWALL }
    } finally {
      await Promise.all(peers.map(peer => peer.stop()))
    }
  })
}

const FIREWALL = 'Look for a firewall or proxy that keeps programs from talking over 127.0.0.1.'

async function localPeers(world: World, dataDir: string): Promise<Finding> {
  const running = await world.localPeers(dataDir)
  if (running.length > 0)
    return { level: 'ok', detail: running.map(({ mesh, peer }) => `${shortPeer(peer)} (${mesh})`).join(', ') }
  return { level: 'ok', detail: 'none is running; start one with amp-mesh peer <agent.ts>' }
}

async function model({ modelFromEnvironment, signal }: World): Promise<Finding> {
  try {
    const configured = await modelFromEnvironment()
    if (configured === undefined)
      return { level: 'ok', detail: 'none configured, none needed; OPENAI_BASE_URL or OPENAI_API_KEY name one' }
    const request = { messages: [{ role: 'user', content: 'Answer with OK.' }], maxTokens: 16 } as const
    await configured.complete(request, AbortSignal.any([signal, AbortSignal.timeout(MODEL_MS)]))
    return { level: 'ok', detail: `${configured.id} answers` }
  } catch (error) {
    return { level: 'fail', detail: told(error), next: 'Check OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL.' }
  }
}

const told = (error: unknown): string => (error instanceof Error ? error.message : String(error))
