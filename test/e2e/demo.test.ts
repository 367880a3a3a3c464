/** `npm start` in real processes: seven agents review a small repository; all end with it, however it ends. */
import { execFile } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Home } from './command.ts'

const run = promisify(execFile)
const SIGNALS = ['SIGINT', 'SIGKILL'] as const

describe('the demo', { timeout: 180_000 }, () => {
  let home: Home
  beforeAll(async () => {
    home = await Home.create()
    await smallRepository(home.folder)
  })
  afterAll(() => home.remove())

  it('shows seven agents at work as JSON lines, and leaves nothing behind [P2.demo]', async () => {
    const { code, stderr, json } = await home.run(['demo', '--json', '--budget', '90'], {
      env: { TMPDIR: home.folder },
    })
    expect(stderr).toBe('')
    const happened = json()
    const speakers = (type: string) => new Set(happened.filter(line => line.type === type).map(line => line.agent))
    expect(happened[0]).toMatchObject({
      t: 0,
      type: 'broadcast',
      record: { query: 'Is this repository ready to release?' },
    })
    expect(speakers('capability_match').size).toBeGreaterThanOrEqual(5)
    expect(speakers('proposal').size).toBeGreaterThan(0)
    expect(happened.filter(line => line.type === 'synthesis').length).toBeGreaterThanOrEqual(1)
    for (const line of happened.slice(0, -1)) {
      expect(line).toMatchObject({ t: expect.any(Number), from: expect.stringMatching(/^12D3KooW/) })
    }
    const done = happened.at(-1)
    expect(done).toMatchObject({ type: 'done', peers: 7, firstOfferMs: expect.any(Number), outcome: 'concluded' })
    expect(code).toBe(0)
    expect((await readdir(home.folder)).filter(name => name.startsWith('amp-mesh-'))).toEqual([])
  })

  it.each(SIGNALS)('takes all its processes with it on %s [P2.children]', async signal => {
    const demo = home.start(['demo', '--agents', '2', '--json'], { env: { TMPDIR: home.folder } })
    await demo.says(/"broadcast"/) // before that they would end by themselves: there is nobody to join
    const children = await childrenOf(demo.pid)
    expect(children).toHaveLength(2)
    const { code } = await demo.stop(signal)
    if (signal !== 'SIGKILL') expect(code).toBe(130)
    await eventually(async () => (children.some(isRunning) ? undefined : true))
  })

  it('says so where there is no repository', async () => {
    const { code, stderr } = await home.run(['demo', '--dir', '/'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/not in a git repository[\s\S]*--dir/)
  })
})

async function smallRepository(folder: string): Promise<void> {
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { cwd: folder })
  await writeFile(join(folder, '.gitignore'), 'data\namp-mesh-*\n')
  await writeFile(join(folder, 'package.json'), '{"name":"small","version":"1.0.0","dependencies":{"left":"*"}}')
  await writeFile(join(folder, 'README.md'), '# small\n\nSee [the guide](docs/guide.md).\n')
  await writeFile(join(folder, 'index.js'), 'export const one = 1 // TODO: two\n')
  await git('init', '--quiet')
  await git('add', '.')
  await git('commit', '--quiet', '-m', 'first')
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args='])
  return stdout
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === pid && args.includes('peer'))
    .map(([child]) => Number(child))
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The first value that `look` gives; rejects when there is none for a long time. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`did not come about: ${look}`)
    await delay(50)
  }
}
