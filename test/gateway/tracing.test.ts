/** One trace a question, over all peers that work at it, through the OpenTelemetry API and a real SDK. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostAgents } from '@amp-mesh/agents'
import { createPeer, type NodePeer, openTelemetryTracer } from '@amp-mesh/peer/node'
import type { Agent, Rec } from '@amp-mesh/protocol'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../until.ts'

/** States a fact, and what follows from it. */
const surveyor: Agent = {
  name: 'surveyor',
  capabilities: [{ text: 'measure bridges' }],
  offer: () => ({ confidence: 0.9, offer: 'I measure it' }),
  async contribute({ say }) {
    await say.fact({ s: 'bridge', p: 'length', o: 42 })
  },
}

/** Checks what others measured. */
const inspector: Agent = {
  name: 'inspector',
  capabilities: [{ text: 'inspect bridges' }],
  offer: () => ({ confidence: 0.8, offer: 'I check it' }),
  contribute: async () => {},
  verify: async (fact: Rec<'fact'>) => (fact.op.o === 42 ? { v: 1 } : undefined),
}

it('[G11.traces] a question is one trace: asked here; offered, worked at, verified, concluded on both', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-tracing-'))
  const peers: NodePeer[] = []
  onTestFinished(async () => {
    await Promise.all(peers.map(peer => peer.stop()))
    await rm(dataDir, { recursive: true, force: true })
  })
  // each peer records for itself, as two machines would
  const exporters = [new InMemorySpanExporter(), new InMemorySpanExporter()]
  for (const [n, exporter] of exporters.entries()) {
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    const tracer = openTelemetryTracer(provider.getTracer('amp-mesh'))
    peers.push(
      await createPeer({ name: `peer-${n}`, mesh: 'traced', dataDir, tracer, join: peers[0]?.addresses() ?? [] }),
    )
  }
  const [here, there] = peers as [NodePeer, NodePeer]
  const hosts = [await hostAgents(there, [surveyor]), await hostAgents(here, [inspector])]
  await until('they know each other', () =>
    [here, there].every(peer => peer.peers().some(({ agents }) => agents.length === 1)),
  )
  const answer = await here.ask('How long is the bridge?').answer
  await Promise.all(hosts.map(host => host.close()))
  expect(answer.outcome).toBe('concluded')

  const [own, others] = exporters.map(exporter => exporter.getFinishedSpans()) as [ReadableSpan[], ReadableSpan[]]
  const ask = own.find(({ name }) => name === 'ask')
  expect(ask?.attributes).toMatchObject({ 'amp.outcome': 'concluded', 'amp.space': answer.space })
  const steps = [...own, ...others].filter(span => span !== ask)
  expect(new Set(steps.map(({ name }) => name))).toEqual(new Set(['offer', 'contribute', 'verify', 'conclude']))
  expect(others.map(({ name }) => name)).toEqual(expect.arrayContaining(['offer', 'contribute']))
  for (const span of steps) {
    expect(span.spanContext().traceId).toBe(ask?.spanContext().traceId)
    expect(span.parentSpanContext?.spanId).toBe(ask?.spanContext().spanId)
  }
  const peerOf = ({ attributes }: ReadableSpan) => attributes['amp.peer']
  expect(new Set(others.map(peerOf))).toEqual(new Set([there.identity.peerId]))
})

it('[G11.traces] where nobody records, a question carries nothing of a trace', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'amp-tracing-'))
  const peer = await createPeer({ name: 'alone', mesh: 'untraced', dataDir })
  onTestFinished(async () => {
    await peer.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const { space } = await peer.ask('Is anybody there?', { budgetMs: 1_000, offerWindowMs: 10 }).answer
  expect(peer.space(space)).toBeDefined()
  expect(peer.space(space)?.trace).toBeUndefined()
})
