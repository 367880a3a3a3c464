/** Searches for credentials that should not be in a repository. */
import type { Agent } from '@amp-mesh/protocol'
import { reviewer } from '../reviewer.ts'

export const secrets: Agent = reviewer({
  name: 'secrets',
  description: 'Searches every text file for credentials, and sees where workflows take secrets.',
  capabilities: [
    {
      text:
        'find leaked secrets in a repository before a release: ' +
        'credentials, API keys, tokens, passwords, private keys',
      examples: [
        'Is this repository ready to release?',
        'Are there leaked secrets in this repo?',
        'Did somebody commit a password or an API key?',
      ],
    },
  ],
})

export default secrets
