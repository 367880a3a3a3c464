/** What a peer tells those who watch over it: whether it is well, and its figures. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer, type NodePeer } from '@amp-mesh/peer/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlainClient } from './client.ts'

let dataDir: string
let peer: NodePeer
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'amp-monitoring-'))
  peer = await createPeer({ name: 'desk', mesh: 'watched', dataDir })
})
afterAll(async () => {
  await peer?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(new URL(path, peer.gatewayUrl.replace('ws:', 'http:')), { headers })

describe('[GW-20] a peer', () => {
  it('[G11.health] says to anybody that it is well, and nothing else', async () => {
    const response = await get('/healthz')
    expect([response.status, await response.text()]).toEqual([200, '{"status":"ok"}\n'])
  })

  it('[G11.metrics] counts, and tells its figures to its token alone', async () => {
    const client = await new PlainClient(peer).opened()
    client.say({ type: 'broadcast', query: 'Is anybody there?', budgetMs: 2_000, offerWindowMs: 10 })
    await client.hears('done', { outcome: 'no-agents' })
    await client.left()
    const given = { authorization: `Bearer ${peer.token}` }
    const response = await get('/metrics', given)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const lines = (await response.text()).split('\n')
    expect(lines).toContain('amp_gateway_received_total{type="broadcast"} 1')
    expect(lines).toContain('amp_question_seconds_count{outcome="no-agents"} 1')
    expect(lines).toContain('amp_spaces 1')
    expect(lines.some(line => /^process_cpu_seconds_total \d/.test(line))).toBe(true)
    expect((await get('/metrics')).status).toBe(401)
    expect((await get(`/metrics?token=${peer.token}`)).status).toBe(401)
    expect((await get('/metrics', { ...given, origin: 'https://evil.example' })).status).toBe(403)
  })
})
