/** The command line: options, output for people and programs, errors, exit codes. The mesh itself is a fake here. */
import type { Happening, PeerInfo } from '@amp-mesh/peer'
import { AmpError } from '@amp-mesh/protocol'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../packages/cli/src/program.ts'
import { fakeWorld, SOMEWHERE } from './fake-world.ts'
import { ANSWER, ASKER, HISTORY, STORY } from './story.ts'

const COMMANDS = ['demo', 'peer', 'ask', 'find', 'peers', 'spaces', 'space', 'watch', 'doctor', 'keys', 'conformance']
const here = { mesh: 'home', peer: HISTORY, pid: 1, started: 0, addresses: ['/local/1', '/local/2'] }
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('help', () => {
  it('lists every command and the exit codes', async () => {
    const world = fakeWorld()
    expect(await runProgram(['--help'], world)).toBe(0)
    for (const word of [...COMMANDS, 'Exit codes', '130', 'AMP_MESH_JOIN']) expect(world.out()).toContain(word)
    expect(world.err()).toBe('')
  })

  it.each(COMMANDS)('shows an example of %s, and that it speaks JSON', async command => {
    const world = fakeWorld()
    expect(await runProgram([command, '--help'], world)).toBe(0)
    expect(world.out()).toMatch(new RegExp(`Example:\n {2}amp-mesh ${command}`))
    expect(world.out()).toContain('--json')
  })

  it('is what a bare call gets, as wrong usage', async () => {
    const world = fakeWorld()
    expect(await runProgram([], world)).toBe(2)
    expect(world.err()).toContain('Usage: amp-mesh')
  })
})

describe('wrong usage', () => {
  it.each([
    [['fly'], /unknown command 'fly'/],
    [['ask'], /missing required argument 'query'/],
    [['ask', 'x', '--budget', '-1'], /number above 0/],
    [['ask', 'x', '--context', '{'], /not JSON/],
    [['ask', 'x', '--scope', 'some'], /best, all/],
    [['peer'], /missing required argument/],
    [['find', 'x', '--limit', '1.5'], /whole number/],
    [['peers', '--colour'], /unknown option/],
    [['peer', './history.ts', '--behind-nat', '--stun', 'stun.example'], /<host>:<port>/],
    [['peer', './history.ts', '--behind-nat', '--relay'], /within reach/],
    [['space', 'Zk3f', 'why', '-4bX'], /unknown option[\s\S]*after --: amp-mesh space Zk3f why -- -4bX/],
  ])('of %j ends with 2 and says why', async (argv, why) => {
    const people = fakeWorld()
    expect(await runProgram(argv, people)).toBe(2)
    expect(people.err()).toMatch(why)
    expect(people.out()).toBe('')

    const programs = fakeWorld()
    expect(await runProgram([...argv, '--json'], programs)).toBe(2)
    expect(lines(programs.out())).toMatchObject([{ type: 'error', code: 'bad-input' }])
    expect(programs.err()).toBe('')
  })
})

describe('where a command meets the mesh', () => {
  const meet = async (argv: string[], env: Record<string, string> = {}, locals = [here]) => {
    const world = fakeWorld({ env, locals })
    const exit = await runProgram(['peers', ...argv], world)
    return { exit, world, join: world.created[0]?.join }
  }

  it('takes --join before AMP_MESH_JOIN before the peers on this machine', async () => {
    const env = { AMP_MESH_JOIN: '/env/1, /env/2' }
    expect((await meet(['--join', '/given/1', '/given/2'], env)).join).toEqual(['/given/1', '/given/2'])
    expect((await meet([], env)).join).toEqual(['/env/1', '/env/2'])
    expect((await meet([])).join).toEqual(['/local/1'])
  })

  it('looks only at peers of the mesh it was told', async () => {
    const other = { ...here, mesh: 'work', addresses: ['/work/1'] }
    expect((await meet(['--mesh', 'work'], {}, [here, other])).join).toEqual(['/work/1'])
  })

  it('asks which, when several meshes run here', async () => {
    const { exit, world } = await meet([], {}, [here, { ...here, mesh: 'work' }])
    expect(exit).toBe(2)
    expect(world.err()).toContain('home, work')
  })

  it('says what to do when there is nobody', async () => {
    const { exit, world } = await meet([], {}, [])
    expect(exit).toBe(3)
    expect(world.err()).toMatch(/No peer to join[\s\S]*amp-mesh peer/)
    expect(world.created).toEqual([])
  })
})

describe('ask', () => {
  const locals = [here]

  it('shows the flow, the conclusion and the figures', async () => {
    const world = fakeWorld({ locals })
    expect(await runProgram(['ask', 'Is it ready?'], world)).toBe(0)
    expect(world.out()).toContain('src/pay.ts changed 14 times')
    expect(world.out()).toContain('┃ Not yet: one risk stands.')
    expect(world.out()).toContain('2 peers · first offer after 0.12 s')
    expect(world.out()).not.toContain('\u001b')
    expect(world.stopped()).toBe(1)
  })

  it('writes JSON lines and nothing else', async () => {
    const world = fakeWorld({ locals })
    expect(await runProgram(['ask', 'Is it ready?', '--json'], world)).toBe(0)
    expect(lines(world.out()).map(line => line.type)).toEqual(STORY.map(happening => happening.type))
    expect(world.err()).toBe('')
  })

  it('gives the question what the options say', async () => {
    const world = fakeWorld({ locals })
    const argv = ['--budget', '1.5', '--scope', 'all', '--goal', 'ship', '--context', '{"n":1}', '--dir', '/repo']
    await runProgram(['ask', 'q', ...argv], world)
    expect(world.asked[0]).toMatchObject({
      query: 'q',
      options: { budgetMs: 1500, scope: 'all', goal: 'ship', context: { n: 1, dir: '/repo' } },
    })
  })

  it.each([
    ['concluded', 0],
    ['no-agents', 3],
    ['partial', 4],
    ['cancelled', 130],
  ] as const)('ends %s with %i', async (outcome, exit) => {
    const end: Happening = { t: 1, type: 'done', from: ASKER, ...ANSWER, outcome }
    expect(await runProgram(['ask', 'q'], fakeWorld({ locals, story: [end] }))).toBe(exit)
  })

  it('takes the next folder when another command is using the first', async () => {
    const world = fakeWorld({ locals, inUse: ['cli', 'cli-2'] })
    expect(await runProgram(['ask', 'q'], world)).toBe(0)
    expect(world.created.map(({ name }) => name)).toEqual(['cli', 'cli-2', 'cli-3'])
  })

  it('colours for a person, and not when they ask for none', async () => {
    const coloured = fakeWorld({ locals, tty: true })
    await runProgram(['ask', 'q'], coloured)
    expect(coloured.out()).toContain('\u001b[36m')
    const plain = fakeWorld({ locals, tty: true, env: { NO_COLOR: '1' } })
    await runProgram(['ask', 'q'], plain)
    expect(plain.out()).not.toMatch(/\u001b\[\d+m/)
  })
})

describe('failures [P2.errors]', () => {
  it.each([
    ['unknown-address', 1, /looks like \/ip4/],
    ['port-in-use', 1, /--listen/],
    ['wrong-mesh', 1, /--mesh/],
    ['folder-in-use', 1, /--data-dir/],
  ] as const)('%s says what to do next', async (code, exit, next) => {
    const createPeer = () => Promise.reject(new AmpError(code, 'it \u001b[31mbroke'))
    const people = fakeWorld({ parts: { createPeer } })
    expect(await runProgram(['peers', '--join', SOMEWHERE], people)).toBe(exit)
    expect(people.err()).toMatch(/^amp-mesh: it broke\n/)
    expect(people.err()).toMatch(next)

    const programs = fakeWorld({ parts: { createPeer } })
    await runProgram(['peers', '--join', SOMEWHERE, '--json'], programs)
    expect(lines(programs.out())).toMatchObject([{ type: 'error', code, message: 'it broke' }])
  })

  it('of an agent file stop the peer before it starts', async () => {
    const world = fakeWorld()
    expect(await runProgram(['peer', './missing.ts'], world)).toBe(1)
    expect(world.err()).toMatch(/missing\.ts: there is no such file[\s\S]*defineAgent/)
    expect(world.created).toEqual([])
  })

  it('of our own are told as such', async () => {
    const createPeer = () => Promise.reject(new TypeError('undefined is not a function'))
    const world = fakeWorld({ parts: { createPeer } })
    expect(await runProgram(['peers', '--join', SOMEWHERE], world)).toBe(1)
    expect(world.err()).toContain('--verbose')
  })

  it('after Ctrl-C are an interruption', async () => {
    const controller = new AbortController()
    const createPeer = () => {
      controller.abort()
      return Promise.reject(new Error('aborted'))
    }
    const world = fakeWorld({ signal: controller.signal, parts: { createPeer } })
    expect(await runProgram(['peers', '--join', SOMEWHERE], world)).toBe(130)
    expect(world.err()).toBe('')
  })

  it('of a folder that is no repository stop the demo', async () => {
    const world = fakeWorld()
    expect(await runProgram(['demo', '--dir', '/'], world)).toBe(2)
    expect(world.err()).toContain('--dir')
  })
})

describe('peers', () => {
  const info: PeerInfo = { id: HISTORY, state: 'reachable', addresses: ['/ip4/evil\u001b[2J'], agents: [], rttMs: 1.25 }

  it('lists who is there', async () => {
    const world = fakeWorld({ locals: [here], peers: [info] })
    expect(await runProgram(['peers'], world)).toBe(0)
    expect(world.out()).toContain(`● ${HISTORY} reachable 1.3 ms /ip4/evil`)
    expect(world.out()).not.toContain('\u001b')
    expect(world.err()).toContain('1 peer in the mesh home')
  })
})

describe('peer', () => {
  it('says where it can be reached, and leaves in order on Ctrl-C', async () => {
    const agent = { name: 'history', capabilities: [{ text: 'read the history' }], contribute: async () => {} }
    const parts = { loadAgents: async () => [agent] }
    const world = fakeWorld({ signal: AbortSignal.abort(), parts })
    expect(await runProgram(['peer', './history.ts', '--json'], world)).toBe(0)
    expect(lines(world.out())).toMatchObject([{ type: 'listening', addresses: [SOMEWHERE], agents: ['history'] }])
    expect(world.created).toMatchObject([{ name: 'history', join: [] }])
    expect(world.stopped()).toBe(1)
  })
})
