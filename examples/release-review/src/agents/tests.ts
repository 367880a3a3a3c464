/** Sees what the tests are worth. */
import type { Agent } from '@amp-mesh/protocol'
import { reviewer } from '../reviewer.ts'

export const tests: Agent = reviewer({
  name: 'tests',
  description: 'Sees what the tests are worth: focused, skipped, untested files, whether CI runs them.',
  capabilities: [
    {
      text:
        'review the tests of a repository before a release: ' +
        'skipped or focused tests, untested source files, continuous integration',
      examples: [
        'Is this repository ready to release?',
        'Which source files have no test?',
        'Are tests skipped, and does CI run them?',
      ],
    },
  ],
})

export default tests
