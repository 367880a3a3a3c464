/** Which branches of some files a process ran through: V8's own block counts, taken while it runs. */
import { Session } from 'node:inspector/promises'

export interface BranchCoverage {
  file: string
  reached: number
  branches: number
  /** Of the first branches that were not reached: their source. */
  missed: string[]
}

export class Coverage {
  readonly #session = new Session()

  /** To be called before the files are loaded. */
  async start(): Promise<void> {
    this.#session.connect()
    await this.#session.post('Profiler.enable')
    await this.#session.post('Debugger.enable')
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Of the files whose URL ends with one of `names`; nothing is counted afterwards. */
  async stop(names: readonly string[]): Promise<BranchCoverage[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage')
    const scripts = result.filter(({ url }) => names.some(name => url.endsWith(name)))
    const covered: BranchCoverage[] = []
    for (const { url, scriptId, functions } of scripts) {
      const { scriptSource } = await this.#session.post('Debugger.getScriptSource', { scriptId })
      const ranges = functions.flatMap(each => each.ranges)
      const missed = ranges.filter(({ count }) => count === 0)
      covered.push({
        file: url.slice(url.lastIndexOf('/') + 1),
        branches: ranges.length,
        reached: ranges.length - missed.length,
        missed: missed.map(({ startOffset, endOffset }) => scriptSource.slice(startOffset, endOffset).slice(0, 120)),
      })
    }
    await this.#session.post('Profiler.stopPreciseCoverage')
    this.#session.disconnect()
    return covered
  }
}
