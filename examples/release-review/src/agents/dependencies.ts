/** Reads manifests and lock files. */
import type { Agent } from '@amp-mesh/protocol'
import { reviewer } from '../reviewer.ts'

export const dependencies: Agent = reviewer({
  name: 'dependencies',
  description: 'Reads manifests and lock files: unpinned, unlocked, doubled, install scripts, licences.',
  capabilities: [
    {
      text:
        'review the dependencies of a repository before a release: ' +
        'lock file, unpinned or duplicated versions, install scripts, licences',
      examples: [
        'Is this repository ready to release?',
        'Are the dependencies of this repository pinned and locked?',
        'Which dependency licences are a problem?',
      ],
    },
  ],
})

export default dependencies
