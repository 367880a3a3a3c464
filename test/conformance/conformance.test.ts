/** The conformance kit: a real peer passes it, and of each broken gateway it names what is broken. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Host, hostAgents } from '@amp-mesh/agents'
import { createPeer, type NodePeer } from '@amp-mesh/peer/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHECKS } from '../../packages/cli/src/conformance/checks.ts'
import { type Result, runChecks } from '../../packages/cli/src/conformance/kit.ts'
import { REQUIREMENTS } from '../../packages/cli/src/conformance/requirement.ts'
import { runProgram } from '../../packages/cli/src/program.ts'
import { fakeWorld } from '../unit/cli/fake-world.ts'
import { BrokenGateway, type Fault, type Message } from './broken-gateway.ts'
import { FAULTS } from './faults.ts'

let peer: NodePeer
let host: Host
let dataDir: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'amp-conformance-'))
  peer = await createPeer({ name: 'desk', mesh: 'conformance', dataDir })
  host = await hostAgents(peer, [
    {
      name: 'hotels',
      capabilities: [{ text: 'book hotel rooms in any city' }],
      offer: () => undefined,
      async contribute() {},
    },
  ])
})
afterAll(async () => {
  await host?.close()
  await peer?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

/** All results of the gateway at `url`. */
async function resultsAt(url: string | URL, { token = peer.token, patienceMs = 10_000, checks = CHECKS } = {}) {
  const results: Result[] = []
  const target = { url: new URL(url), token, patienceMs }
  for await (const result of runChecks(target, checks, new AbortController().signal)) results.push(result)
  return results
}

async function resultsOf(fault: Fault, options = {}): Promise<Result[]> {
  const gateway = await new BrokenGateway(peer, fault).listen()
  try {
    return await resultsAt(gateway.url, options)
  } finally {
    gateway.close()
  }
}

const inState = (results: readonly Result[], state: Result['outcome']['state']) =>
  results.filter(({ outcome }) => outcome.state === state)
const idsOf = (results: readonly Result[]) => [...new Set(results.map(({ requirement }) => requirement))]

/** What takes longest. One fault is looked for with these too. */
const isLong = ({ title }: { title: string }) => /golden vectors|more than is kept/.test(title)
const QUICK = CHECKS.filter(check => !isLong(check))

const INTERNAL = 'calls every error internal'

describe('the conformance kit', () => {
  it('[G8.conformance] passes a peer of this repository, in every requirement', async () => {
    const results = await resultsAt(peer.gatewayUrl)
    expect([...inState(results, 'fail'), ...inState(results, 'skipped')]).toEqual([])
    expect(idsOf(inState(results, 'pass'))).toEqual(Object.keys(REQUIREMENTS))
  })

  it('passes a proxy that changes nothing', async () => {
    const results = await resultsOf({}, { checks: QUICK })
    expect([...inState(results, 'fail'), ...inState(results, 'skipped')]).toEqual([])
  })

  describe.concurrent('[G8.conformance] of a gateway that', () => {
    it.each(FAULTS)('$name, it fails $fails', async ({ fails, ...fault }) => {
      const nth = FAULTS.findIndex(({ name }) => name === fault.name)
      const checks = (fault.name === INTERNAL ? CHECKS : QUICK).filter(
        // the others' too, a third with each gateway: what is not broken is not to be blamed
        ({ requirement }, i) => fails.some(id => id === requirement) || (i + nth) % 3 === 0,
      )
      const results = await resultsOf(fault, { checks })
      const wrong = inState(results, 'fail')
      expect(idsOf(wrong), JSON.stringify(wrong, null, 1)).toEqual(fails)
      expect(inState(results, 'skipped')).toEqual([])
    })
  })

  it('has a broken gateway for every requirement', () => {
    const failed = new Set(FAULTS.flatMap(({ fails }) => fails))
    expect(Object.keys(REQUIREMENTS).filter(id => !failed.has(id))).toEqual([])
  })

  it('does not wait for one that says nothing: it fails the greeting, and skips the rest', async () => {
    const results = await resultsOf({ silent: true }, { patienceMs: 300 })
    expect(idsOf(inState(results, 'fail'))).toEqual(['GW-4'])
    const others = results.filter(({ requirement }) => requirement !== 'GW-4')
    expect(inState(others, 'skipped').length).toBe(others.length)
    expect(inState(others, 'skipped')[0]?.outcome).toMatchObject({ why: expect.stringContaining('told nothing') })
  })

  it('skips what it needs a question for, where none can be asked', async () => {
    const busy = [{ type: 'error', id: 'e', re: '1', code: 'busy', message: 'come again' }]
    const full = { twist: () => ({ up: (message: Message) => (message.type === 'broadcast' ? busy : message) }) }
    const checks = CHECKS.filter(({ requirement }) => requirement === 'GW-10')
    const [result] = await resultsOf(full, { checks })
    expect(result?.outcome).toMatchObject({
      state: 'skipped',
      why: expect.stringContaining('no question could be asked'),
    })
  })
})

describe('amp-mesh conformance', () => {
  const conformance = async (...args: string[]) => {
    const world = fakeWorld({ env: { AMP_MESH_TOKEN: peer.token } })
    const exit = await runProgram(['conformance', ...args], world)
    const lines = () =>
      world
        .out()
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
    return { exit, world, lines }
  }

  it('tells a table, and writes JUnit XML', async () => {
    const junit = join(dataDir, 'results.xml')
    const { exit, world } = await conformance(peer.gatewayUrl, '--only', 'GW-3', 'GW-18', '--junit', junit)
    expect(
      world
        .out()
        .split('\n')
        .map(line => line.trim()),
    ).toEqual([
      expect.stringMatching(/^✓ GW-3 .* 2 checks passed$/),
      expect.stringMatching(/^✓ GW-18 .* 2 checks passed$/),
      '',
      '4 checks passed',
      '',
    ])
    expect(await readFile(junit, 'utf8')).toContain('<testsuites name="amp-mesh conformance" tests="4" failures="0"')
    expect(exit).toBe(0)
  })

  it('fails, by exit code too, with what was expected and what came', async () => {
    const gateway = await new BrokenGateway(peer, { close: () => 1_000 }).listen()
    const { exit, lines } = await conformance(gateway.url.href, '--only', 'GW-18', '--json')
    gateway.close()
    const failed = { type: 'check', id: 'GW-18', state: 'fail', expected: 'the close code: 4400', came: '1000' }
    expect(lines()).toEqual([
      expect.objectContaining(failed),
      expect.objectContaining(failed),
      { type: 'done', passed: 0, failed: 2, skipped: 0, notObservable: 0 },
    ])
    expect(exit).toBe(1)
  })

  it.each([
    ['bad-input', 2, ['ws://127.0.0.1:1/amp/mesh', '--only', 'GW-99']],
    ['bad-input', 2, ['not-an-address']],
    ['unreachable', 1, ['ws://127.0.0.1:1/amp/mesh']],
  ])('says what is wrong with its call: %s, exit code %d', async (code, expected, args) => {
    const { exit, lines } = await conformance(...args, '--json')
    expect([exit, lines().at(-1)]).toEqual([expected, expect.objectContaining({ type: 'error', code })])
  })

  it('says whose token is wanted, and where there is no gateway', async () => {
    const wrong = await conformance(peer.gatewayUrl, '--token', 'another', '--json')
    expect([wrong.exit, wrong.lines()[0]]).toEqual([1, expect.objectContaining({ code: 'not-allowed' })])
    const elsewhere = new URL('/nothing', peer.gatewayUrl).href
    expect((await conformance(elsewhere, '--json')).lines()[0]).toMatchObject({ code: 'unreachable' })
  })
})
