import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import './test/compile-cache.ts'

/** Long stories begin first: whoever starts one last keeps everybody waiting. */
const FIRST = ['e2e', 'scenarios', 'browser', 'attacks', 'rooms', 'simulation']

/** Each project's files together, since a process is kept for the next file only where that is of the same project. */
const PROJECTS = ['apart', 'story', 'unit']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = FIRST.findIndex(folder => moduleId.includes(`/test/${folder}/`))
      return found < 0 ? FIRST.length : found
    }
    const turn = ({ project }: TestSpecification) => PROJECTS.indexOf(project.name)
    return (await super.sort(files)).sort((a, b) => turn(a) - turn(b) || place(a) - place(b))
  }
}

/** Pure code, and adapters one at a time. */
const UNITS = ['test/*.test.ts', 'test/unit/**/*.test.ts', 'test/simulation/**/*.test.ts']

/** What measures its process, changes it, or starts others of its own anyway. */
const APART = [
  'test/{adversaries,attacks,chaos,e2e,fuzz}/**/*.test.ts',
  'test/scenarios/release-review.test.ts',
  'test/scenarios/kill.test.ts',
]

export default defineConfig({
  test: {
    globalSetup: './test/bundle.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'apart', include: APART } },
      // a process for each of two hundred files, each loading libp2p anew, would cost as much as many of their tests
      {
        extends: true,
        test: {
          name: 'story',
          include: ['test/**/*.test.ts'],
          exclude: [...UNITS, ...APART],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'unit', include: UNITS, isolate: false } },
    ],
  },
})
