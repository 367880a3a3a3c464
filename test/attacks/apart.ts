/** What may take a whole process with it, in a process of its own. */
import { spawnSync } from 'node:child_process'
import { breach, type Outcome } from './outcome.ts'

const ROOT = new URL('../../', import.meta.url).pathname
/** Few bytes that keep a process longer than this, or need more than this, have won. */
const MS = 6_000
const HEAP_MB = 128

/** Runs JavaScript that imports yjs as Y. It crashed or hung: a breach; else what it printed decides. */
export function apart(code: string, judge: (printed: string) => Outcome): Outcome {
  const run = spawnSync(
    process.execPath,
    [`--max-old-space-size=${HEAP_MB}`, '--input-type=module', '-e', `import * as Y from 'yjs'; ${code}`],
    { cwd: ROOT, timeout: MS, encoding: 'utf8' },
  )
  if (run.signal === 'SIGTERM') return breach(`hangs (over ${MS / 1000} s)`)
  if (run.status !== 0) return breach(/heap|memory|allocation/i.test(run.stderr) ? 'process out of memory' : 'crash')
  return judge(run.stdout.trim())
}
