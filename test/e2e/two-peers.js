/** What a stranger writes: two peers, an agent on the first, found from the second by what it can do. Plain JavaScript. */
import { createPeer, defineAgent, hostAgents } from 'amp-mesh'

const [dataDir] = process.argv.slice(2)
const first = await createPeer({ mesh: 'strangers', name: 'first', dataDir })
const historian = defineAgent({
  name: 'historian',
  capabilities: [{ text: 'find out which files change most often in a git repository' }],
  async contribute() {},
})
await hostAgents(first, [historian])

const second = await createPeer({ name: 'second', join: first.addresses(), dataDir })
for await (const { agent } of second.find('which files change often?', {
  limit: 1,
  signal: AbortSignal.timeout(15_000),
}))
  process.stdout.write(`${JSON.stringify({ found: agent, on: first.identity.peerId })}\n`)
await second.stop()
await first.stop()
