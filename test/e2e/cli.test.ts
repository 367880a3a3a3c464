/** The command: two terminals that find each other, as real processes, and what goes wrong in ways people meet. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { until } from '../until.ts'
import { Home } from './command.ts'

const GREETER = `export default {
  name: 'greeter',
  capabilities: [{ text: 'greet people politely in many languages', examples: ['Who can greet people politely?'] }],
  async contribute(turn) {
    if (turn.knowledge.of('proposal').length === 0) {
      await turn.say.share('card.txt', 'text/plain', new TextEncoder().encode('welcome '.repeat(20000)))
      await turn.say.propose('Good day, dear guests!')
    }
  },
}`
const QUESTION = 'Who can greet people politely?'

describe('amp-mesh', { timeout: 180_000 }, () => {
  let home: Home
  let greeter: string
  beforeAll(async () => {
    home = await Home.create()
    greeter = join(home.folder, 'greeter.mjs')
    await writeFile(greeter, GREETER)
  })
  afterAll(() => home.remove())

  it('finds in a second terminal the peer of the first, asks it, and remembers', async () => {
    const first = home.start(['peer', greeter, '--mesh', 'home', '--json'])
    const [line] = await first.says(/^\{.*"listening".*$/m)
    const listening = JSON.parse(line)
    expect(listening).toMatchObject({ mesh: 'home', agents: ['greeter'] })

    const asked = await home.run(['ask', QUESTION, '--json'])
    expect(asked.stderr).toBe('')
    expect(asked.code).toBe(0)
    const happened = asked.json()
    const types = happened.map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['broadcast', 'capability_match', 'proposal', 'synthesis']))
    const done = happened.at(-1)
    expect(done).toMatchObject({ type: 'done', outcome: 'concluded', peers: 1 })

    const people = await home.runHere(['ask', QUESTION, '--join', listening.addresses[0]])
    const found = await home.runHere(['find', 'greeting', '--json'], { AMP_MESH_JOIN: listening.addresses[0] })
    const peers = await home.runHere(['peers', '--json'])
    expect(people.stdout).toContain('Good day, dear guests!')
    expect(people.stdout).not.toContain('\u001b')
    expect(found.json()).toMatchObject([{ type: 'candidate', agent: `amp://${listening.peer}/greeter` }])
    expect(peers.json().map(({ id }) => id)).toContain(listening.peer)

    const spaces = await home.runHere(['spaces', '--mesh', 'home', '--json'])
    expect(spaces.json()[0]).toMatchObject({ type: 'space', id: done?.space, query: QUESTION, concluded: true })
    const told = await home.runHere(['space', String(done?.space).slice(0, 10), '--mesh', 'home'])
    expect(told.stdout).toContain('● Good day, dear guests!')
    expect(told.code).toBe(0)

    const known = await home.runHere(['ask', 'who can greet people politely', '--json'])
    expect(known.json()).toMatchObject([
      { type: 'solved', record: { problem: QUESTION } },
      { type: 'done', outcome: 'concluded', commons: { by: [`amp://${listening.peer}/greeter`], own: true } },
    ])
    expect(Number(known.json().at(-1)?.concludedMs)).toBeLessThan(Number(done?.concludedMs) / 10)

    await looksInto(home, String(done?.space))

    const again = await home.runHere(['peer', greeter, '--mesh', 'home', '--json'])
    expect(again.code).toBe(1)
    expect(again.json()).toMatchObject([{ type: 'error', code: 'folder-in-use' }])

    const watching = home.start(['watch', '--json'])
    await watching.says(/"connected"[\s\S]*"card"/)
    expect((await watching.stop('SIGINT')).code).toBe(0)
    expect((await first.stop('SIGINT')).code).toBe(0)
  })

  it('says what to do when nobody is there, or nobody answers at an address [P2.errors]', async () => {
    const peer = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
    const alone = await home.runHere(['ask', QUESTION, '--mesh', 'nobody-here'])
    const nonsense = await home.runHere(['peers', '--json', '--join', 'nonsense'])
    const silent = await home.runHere(['peers', '--json', '--join', `/ip4/127.0.0.1/tcp/1/ws/p2p/${peer}`])
    expect(alone.code).toBe(3)
    expect(alone.stderr).toMatch(/No peer to join[\s\S]*amp-mesh peer/)
    expect(nonsense.code).toBe(1)
    expect(nonsense.json()).toMatchObject([{ type: 'error', code: 'unknown-address' }])
    expect(silent.code).toBe(1)
    expect(silent.json()[0]?.code).toMatch(/^(unknown-address|unreachable)$/)
  })

  it('says what is wrong with an agent file', async () => {
    const agents = join(home.folder, 'agents')
    await mkdir(agents)
    await writeFile(join(agents, 'broken.mjs'), 'export default { name: "broken" }')
    const broken = await home.runHere(['peer', join(agents, 'broken.mjs')])
    const missing = await home.runHere(['peer', join(agents, 'missing.mjs'), '--json'])
    expect(broken.code).toBe(1)
    expect(broken.stderr).toMatch(/broken\.mjs.*capability/)
    expect(missing.json()).toMatchObject([{ type: 'error', code: 'bad-agent-file' }])
  })

  it('says that a port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const taken = await home.runHere(['peer', greeter, '--mesh', 'port', '--listen', `127.0.0.1:${port}`, '--json'])
    server.close()
    expect(taken.json()).toMatchObject([{ type: 'error', code: 'port-in-use' }])
    expect(taken.code).toBe(1)
  })

  it('finds this machine in order', async () => {
    const { code, stdout } = await home.run(['doctor'])
    expect(stdout).toMatch(/✓ mesh +two peers started and found each other/)
    expect(code).toBe(0)
  })
})

/** What `space` shows of a question: the same while its peer runs and from an export; and who changed that is found. */
async function looksInto(home: Home, space: string): Promise<void> {
  const file = join(home.folder, 'greeting.jsonl')
  const look = (...args: string[]) => home.runHere(['space', space.slice(0, 10), ...args, '--mesh', 'home'])
  const running = ['--folder', 'greeter']
  const log = await look('log', '--json')
  const alive = await look('log', '--json', ...running, '--kind', 'proposal')
  const why = await look('why')
  const then = await look('at', '+0s', '--json')
  const verified = await look('verify', '--json', ...running)
  const exported = await look('export', file, '--json')
  const fitting = await look('query', 'kind=proposal', 'status=proposed', '--json')
  const meant = await look('recall', 'a polite greeting for guests', '--json')
  const rooms = await look('rooms', '--json')
  const kept = await home.runHere(['space', 'commons', 'query', 'kind=solved', '--mesh', 'home', '--json'])
  const unknown = await look('query', 'colour=blue')
  const kinds = log.json().map(({ kind }) => kind)
  expect(kinds).toEqual(expect.arrayContaining(['broadcast', 'proposal', 'settle', 'synthesis']))
  expect(alive.json()).toMatchObject([{ kind: 'proposal', agent: 'greeter' }])
  expect(why.stdout).toMatch(/^◆ [\s\S]*● Good day, dear guests![\s\S]*asks: Who can greet people politely\?/)
  expect(then.json()).toMatchObject([{ type: 'moment', records: 1, facts: [] }])
  expect(verified.json()).toMatchObject([{ type: 'verified', ok: true, space, findings: 0 }])
  expect(exported.json()).toMatchObject([{ type: 'exported', space, file }])

  const card = join(home.folder, 'card.txt')
  const shared = await look('artifacts', '--json', ...running)
  expect(shared.json()).toMatchObject([
    { type: 'artifact', name: 'card.txt', bytes: 160_000, agent: 'greeter', held: 1 },
  ])
  expect((await look('artifact', 'card.txt', '-o', card, ...running)).code).toBe(0)
  expect(await readFile(card, 'utf8')).toBe('welcome '.repeat(20_000))
  const printed = await home.run(['space', space, 'artifact', 'card.txt', '--mesh', 'home', ...running])
  expect(printed.stdout).toBe('welcome '.repeat(20_000))
  expect((await look('artifact', 'card.txt', '-o', card, ...running)).code, 'nothing is written over').toBe(2)
  expect(fitting.json()).toMatchObject([
    { type: 'known', kind: 'proposal', by: expect.stringMatching(/\/greeter$/), status: 'proposed', supports: [] },
  ])
  expect(meant.json()[0]).toMatchObject({ type: 'known', similarity: expect.any(Number) })
  const [{ url, protocols, ...place }] = rooms.json() as [{ url: string; protocols: string[] }]
  expect(place).toMatchObject({ type: 'rooms', space, rooms: ['graph', 'views', 'outbox'] })
  expect(await proposalsIn(url, protocols)).toEqual(['Good day, dear guests!'])
  expect(kept.json()).toMatchObject([{ kind: 'solved', record: { problem: QUESTION, result: { space } } }])
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('“colour=blue” is none of')])

  const fromFile = await look('log', '--json', '--file', file)
  expect(fromFile.stdout).toBe(log.stdout)
  const sound = await look('verify', file)
  expect([sound.code, sound.stdout]).toEqual([0, expect.stringContaining('every signature, chain and rule holds')])
  await writeFile(file, (await readFile(file, 'utf8')).replace('Good day', 'Bad day.'))
  const changed = await look('verify', file)
  expect([changed.code, changed.stdout]).toEqual([1, expect.stringMatching(/✗ line \d+: it does not say what/)])
}

/** As any y-websocket client sees them, with nothing but what `rooms` told. */
async function proposalsIn(url: string, protocols: string[]): Promise<unknown[]> {
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(url, 'graph', doc, { protocols, disableBc: true })
  await until('it is synced', () => provider.synced)
  provider.destroy()
  return [...doc.getMap<{ content: string }>('proposals').values()].map(({ content }) => content)
}
