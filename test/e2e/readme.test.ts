/** The README's example of rooms and drafts, run as it is written. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { ROOT } from '../source-tree.ts'
import { until } from '../until.ts'

it('the README opens the graph with a Yjs tool', async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const section = readme.split('\n## ').find(part => part.startsWith('Open the graph')) ?? ''
  const code = [...section.matchAll(/```js\n([\s\S]*?)```/g)].map(([, block]) => block)
  expect(code).toHaveLength(2)
  const home = await mkdtemp(join(tmpdir(), 'amp-readme-'))
  const program = `${code.join('')}\nconsole.log('written: ' + text.toString())`
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home }
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: ROOT, env })
  onTestFinished(async () => {
    const ended = new Promise(resolve => child.once('exit', resolve))
    if (child.kill('SIGKILL')) await ended
    await rm(home, { recursive: true, force: true })
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', data => (said += String(data)))
  await until('both are told', () => /o: 'blue'/.test(said) && /written: Together: /.test(said)).catch(error => {
    throw new Error(`${error}\n${said}`)
  })
})
