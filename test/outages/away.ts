/** Processes that are away for a while: stopped, or killed and started again, as another peer sees them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer } from '@amp-mesh/peer/node'
import { PeerProcess } from '../scenarios/peer-process.ts'
import { until } from '../until.ts'

export interface AwayOutcome {
  /** From the beginning of the absence until it was suspected, ms. */
  suspectedMs: number
  /** From its return until it was reachable again, ms. */
  backMs: number
}

/** SIGSTOP for `seconds`. */
export const stopped = (seconds: number): Promise<AwayOutcome> =>
  away(seconds, async peer => {
    peer.signal('SIGSTOP')
    return async () => {
      peer.signal('SIGCONT')
      return () => peer.kill()
    }
  })

/** The only peer of the bootstrap list is killed, and started at the same address after `seconds`. */
export const bootstrapAway = (seconds: number): Promise<AwayOutcome> =>
  away(seconds, async peer => {
    const listen = Number(/\/tcp\/(\d+)/.exec(peer.addresses[0] ?? '')?.[1])
    await peer.kill()
    return async () => {
      const again = PeerProcess.start({ ...peer.setup, listen })
      await until('its port is open', () => accepts(listen))
      return async () => (await again).kill()
    }
  })

/** Brings it back; resolves when it can be reached, with what ends it. */
type Return = () => Promise<() => Promise<void>>

async function away(seconds: number, leave: (peer: PeerProcess) => Promise<Return>): Promise<AwayOutcome> {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-away-'))
  const ends: (() => Promise<void>)[] = [() => rm(dataDir, { recursive: true, force: true })]
  try {
    const peer = await PeerProcess.start({ name: 'flights', dataDir, join: [], agents: ['flights'] })
    ends.unshift(() => peer.kill())
    const watcher = await createPeer({ name: 'watcher', mesh: 'village', dataDir, join: peer.addresses.slice(0, 1) })
    ends.unshift(() => watcher.stop())
    const state = () => watcher.peers().find(({ id }) => id === peer.peerId)?.state
    await until('it is here', () => state() === 'reachable')

    const leftAt = performance.now()
    const comeBack = await leave(peer)
    await until('it is suspected', () => state() === 'suspected')
    const suspectedMs = performance.now() - leftAt
    await until('the time is over', () => performance.now() - leftAt >= seconds * 1_000, seconds * 1_000 + 5_000)
    ends.unshift(await comeBack())
    const returnedAt = performance.now()
    await until('it is back', () => state() === 'reachable')
    return { suspectedMs, backMs: performance.now() - returnedAt }
  } finally {
    for (const end of ends) await end()
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
