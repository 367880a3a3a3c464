/** Checks what the documents promise. */
import type { Agent } from '@amp-mesh/protocol'
import { reviewer } from '../reviewer.ts'

export const docs: Agent = reviewer({
  name: 'docs',
  description: 'Checks what README and changelog promise: links, commands, versions, licence.',
  capabilities: [
    {
      text:
        'review the documentation of a repository before a release: ' +
        'README links and commands, changelog, licence file',
      examples: [
        'Is this repository ready to release?',
        'Do the links and commands in the README work?',
        'Are licence and changelog there?',
      ],
    },
  ],
})

export default docs
