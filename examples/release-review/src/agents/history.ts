/** Reads what git remembers: unreleased commits, churn, bus factor. */
import type { Agent } from '@amp-mesh/protocol'
import { reviewer } from '../reviewer.ts'

export const history: Agent = reviewer({
  name: 'history',
  description: 'Reads the git history: what is unreleased, which files are hot, who knows them.',
  capabilities: [
    {
      text:
        'review the git history of a repository before a release: ' +
        'unreleased commits, version tags, churn, hot files, bus factor',
      examples: [
        'Is this repository ready to release?',
        'Which files change most, and who knows them?',
        'What has changed since the last release?',
      ],
    },
  ],
})

export default history
