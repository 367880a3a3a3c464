/** An agent in a worker: a tab that hosts it stays as quick as it was. */
import { defineAgent, serveAgent } from 'amp-mesh/browser'

serveAgent(
  defineAgent({
    name: 'diner',
    capabilities: [{ text: 'recommends restaurants with dumplings and noodles' }],
    async contribute({ say }) {
      const where = 'document' in globalThis ? 'a page' : 'a worker'
      await say.propose(`The dumplings at the corner of Mott Street are worth the queue, says ${where}.`)
    },
  }),
)
