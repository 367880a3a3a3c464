/** Pages for whoever watches over a peer: is it well (`/healthz`), and how much does it do (`/metrics`)? */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PeerInfo } from '../contract.ts'
import { type DoorInit, knockOf, refusalOf } from './door.ts'
import type { PageHandler } from './front-server.ts'
import type { PrometheusMetrics } from './prometheus-metrics.ts'

/** Says nothing but that: anybody who reaches the port may ask. */
export function healthPage(isWell: () => boolean): PageHandler {
  return (_, response) => {
    const well = isWell()
    answer(response, well ? 200 : 503, 'application/json', `{"status":"${well ? 'ok' : 'stopping'}"}\n`)
  }
}

/** Figures say with whom a peer speaks, and how much: they are for who shows its token, on loopback too. */
export function metricsPage(metrics: PrometheusMetrics, door: DoorInit): PageHandler {
  const answered = async (request: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf(knockOf(request), door)
    if (refusal !== undefined) return answer(response, refusal.status, 'text/plain', `${refusal.why}\n`)
    answer(response, 200, metrics.contentType, await metrics.text())
  }
  return (request, response) => void answered(request, response).catch(() => response.destroy())
}

/** What a peer can be read from at any time. */
export function readPeer(metrics: PrometheusMetrics, peer: { peers(): PeerInfo[]; spaces(): readonly object[] }): void {
  metrics.gauge('amp_spaces', [], () => [{ value: peer.spaces().length }])
  metrics.gauge('amp_peers', ['state'], () => {
    const counts = new Map<string, number>()
    for (const { state } of peer.peers()) counts.set(state, (counts.get(state) ?? 0) + 1)
    return [...counts].map(([state, value]) => ({ labels: { state }, value }))
  })
}

function answer(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body)
}
