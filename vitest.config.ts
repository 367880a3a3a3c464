import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import './test/compile-cache.ts'

/** Long stories begin first: whoever starts one last keeps everybody waiting. */
const FIRST = ['e2e', 'scenarios', 'browser', 'attacks', 'rooms', 'simulation']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = FIRST.findIndex(folder => moduleId.includes(`/test/${folder}/`))
      return place < 0 ? FIRST.length : place
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

/** Pure code, and adapters one at a time. */
const UNITS = ['test/*.test.ts', 'test/unit/**/*.test.ts', 'test/simulation/**/*.test.ts']

/** Two tabs and three peers whose links are timed by browsers: they run when all others have ended. */
const ALONE = ['test/scenarios/tabs.test.ts']

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      // a process for each of a hundred small files, each loading libp2p anew, would cost nearly as much as their tests
      { extends: true, test: { name: 'unit', include: UNITS, isolate: false } },
      { extends: true, test: { name: 'story', include: ['test/**/*.test.ts'], exclude: [...UNITS, ...ALONE] } },
      { extends: true, test: { name: 'alone', include: ALONE, sequence: { groupOrder: 1 } } },
    ],
  },
})
