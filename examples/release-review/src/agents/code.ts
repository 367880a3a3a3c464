/** Reads the sources themselves. */
import type { Agent } from '@amp-mesh/protocol'
import { reviewer } from '../reviewer.ts'

export const code: Agent = reviewer({
  name: 'code',
  description: 'Reads the sources: import cycles, broken imports, large files, to-dos, what was left behind.',
  capabilities: [
    {
      text:
        'review the source code of a repository before a release: ' +
        'import cycles, large files, TODO comments, debug statements, merge conflicts',
      examples: [
        'Is this repository ready to release?',
        'Are there import cycles in this code?',
        'How many TODO comments are left in the code?',
      ],
    },
  ],
})

export default code
