/** Reads what GitHub workflows let others do. */
import type { Agent } from '@amp-mesh/protocol'
import { reviewer } from '../reviewer.ts'

export const workflowSecurity: Agent = reviewer({
  name: 'workflow-security',
  description: 'Reads GitHub workflows: unpinned actions, broad permissions, script injection.',
  capabilities: [
    {
      text:
        'review the security of the CI workflows of a repository before a release: ' +
        'unpinned GitHub actions, token permissions, script injection',
      examples: [
        'Is this repository ready to release?',
        'Are the GitHub Actions workflows of this repository secure?',
        'Are actions pinned to a commit?',
      ],
    },
  ],
})

export default workflowSecurity
