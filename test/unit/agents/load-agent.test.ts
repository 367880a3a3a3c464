/** Agents from files: what is loaded, and what is said about a file that is none. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadAgents } from '@amp-mesh/agents/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amp-agents-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}
const agent = (name: string) => `{ name: '${name}', capabilities: [{ text: 'x' }], async contribute() {} }`
const markdown = '---\nname: travel\ncapabilities: [book travel]\n---\nYou plan trips.\n'

describe('loadAgents', () => {
  it('loads one agent or a list, TypeScript or JavaScript', async () => {
    const one = await file('one.ts', `const name: string = 'one'\nexport default { ...${agent('x')}, name }`)
    const two = await file('two.js', `export default [${agent('a')}, ${agent('b')}]`)
    expect((await loadAgents(one)).map(({ name }) => name)).toEqual(['one'])
    expect((await loadAgents(two)).map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it('loads Markdown where a model is configured', async () => {
    const path = await file('travel.md', markdown)
    const [agent] = await loadAgents(path, { env: {}, model: { id: 'm', complete: async () => ({ text: '' }) } })
    expect(agent?.name).toBe('travel')
    await expect(loadAgents(path, { env: {} })).rejects.toThrow('none is configured: set OPENAI_BASE_URL')
    const named = await file('named.md', markdown.replace('name:', 'model: small\nname:'))
    await expect(loadAgents(named, { env: {} })).rejects.toThrow('no model "small" is configured')
    expect(await loadAgents(named, { env: { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' } })).toHaveLength(1)
  })

  it.each<[string, string, string]>([
    ['code.py', '', '.md file'],
    ['throws.js', 'throw new Error("oh")', 'it fails when loaded: oh'],
    ['none.js', 'export const agent = 1', 'no default export'],
    ['empty.js', 'export default []', 'empty list'],
    ['flawed.js', 'export default { name: "A" }', "an agent's name"],
    ['twice.js', `export default [${agent('a')}, ${agent('a')}]`, 'two agents are called "a"'],
  ])('says what is wrong with %s', async (name, text, says) => {
    const path = await file(name, text)
    await expect(loadAgents(path)).rejects.toMatchObject({
      code: 'bad-agent-file',
      message: expect.stringContaining(says),
    })
  })

  it('says that a path leads nowhere', async () => {
    await expect(loadAgents(join(folder, 'gone.ts'))).rejects.toThrow('there is no such file')
  })
})
