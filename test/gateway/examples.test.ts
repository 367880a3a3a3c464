/** The clients in examples/clients, run as they are. */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../source-tree.ts'
import { type Travel, travel } from './travel.ts'

const FOLDER = join(ROOT, 'examples/clients')
const run = promisify(execFile)

let mesh: Travel
beforeAll(async () => {
  mesh = await travel()
})
afterAll(() => mesh?.close())

/** A program that is missing is named, and its client is not run. */
function needs(program: string): string | undefined {
  const { status } = spawnSync(program, ['--version'], { timeout: 20_000 })
  return status === 0 ? undefined : `${program} is not here`
}

const httpUrl = () => mesh.desk.gatewayUrl.replace('ws:', 'http:')
const code = (file: string) =>
  readFileSync(join(FOLDER, file), 'utf8')
    .split('\n')
    .filter(line => line.trim() !== '' && !line.startsWith('#'))

describe('[G8.clients] a client', () => {
  it.for([
    ['python3', 'post.py', () => httpUrl(), 10],
    ['python3', 'web_socket.py', () => mesh.desk.gatewayUrl, 40],
  ] as const)('in %s, %s, asks and prints offers and the end', async ([program, file, url, lines], { skip }) => {
    const missing = needs(program)
    skip(missing !== undefined, missing)
    expect(code(file).length).toBeLessThanOrEqual(lines)
    const question = `Who can help with: book travel to ${file}?`
    const { stdout } = await run(program, [join(FOLDER, file), url(), mesh.desk.token, question])
    expect(stdout).toMatch(/^flights: I can handle flights \(0\.95\)$/m)
    expect(stdout).toMatch(/^hotels: I can handle hotels \(0\.9\)$/m)
    expect(stdout).toMatch(/findings stand, by 2 agents/)
  })

  it('of a shell and curl asks and prints offers', async ({ skip }) => {
    const missing = needs('curl')
    skip(missing !== undefined, missing)
    const { stdout } = await run('sh', [join(FOLDER, 'ask.sh'), httpUrl(), mesh.desk.token, 'Who plans a trip?'])
    const offers = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(offers.map(({ type, offer }) => [type, offer])).toEqual([
      ['capability_match', 'I can handle flights'],
      ['capability_match', 'I can handle hotels'],
    ])
  })

  it('for a page asks and tells offers and the end', async () => {
    const { ask } = await import(join(FOLDER, 'browser.js'))
    const told: { type: string; offer?: string }[] = []
    const end = await ask(mesh.desk.gatewayUrl, mesh.desk.token, 'Who books travel for a page?', (message: never) =>
      told.push(message),
    )
    expect(end).toMatchObject({ type: 'done', outcome: 'concluded' })
    expect(told.filter(({ type }) => type === 'capability_match').length).toBe(2)
    await expect(ask(mesh.desk.gatewayUrl, 'wrong', 'Who?', () => {})).rejects.toThrow(/hung up/)
  })
})
