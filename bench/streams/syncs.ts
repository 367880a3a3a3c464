/** How often a process has the disk confirm, as the kernel sees it. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'

/** fdatasync and fsync calls of the process while `action` runs; undefined where there is no strace, or it may not. */
export async function syncsDuring(pid: number, action: () => Promise<void>): Promise<number | undefined> {
  try {
    execFileSync('strace', ['--version'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  const folder = await mkdtemp(join(tmpdir(), 'amp-mesh-strace-'))
  const log = join(folder, 'calls')
  const tracer = spawn('strace', ['-f', '-e', 'trace=fdatasync,fsync', '-o', log, '-p', String(pid)], {
    stdio: 'ignore',
  })
  try {
    for (let tries = 0; tries < 100 && tracer.exitCode === null; tries++) {
      if (/TracerPid:\t[1-9]/.test(await readFile(`/proc/${pid}/status`, 'utf8'))) break
      await after(50)
    }
    if (tracer.exitCode !== null) return undefined
    await action()
    tracer.kill('SIGINT')
    await once(tracer, 'exit')
    return (await readFile(log, 'utf8')).match(/f(data)?sync\(/g)?.length ?? 0
  } finally {
    tracer.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
}
