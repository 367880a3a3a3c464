/** Peers of closed meshes and their folders, for stories about who is let in: all of it goes when a test ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer, type NodePeer, type PeerInit } from '@amp-mesh/peer/node'
import { onTestFinished } from 'vitest'

export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'amp-closed-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

export async function start(init: PeerInit): Promise<NodePeer> {
  const peer = await createPeer(init)
  onTestFinished(() => peer.stop())
  return peer
}

export const knows = (peer: NodePeer, other: NodePeer): boolean =>
  peer.peers().some(({ id, state }) => id === other.identity.peerId && state === 'reachable')
