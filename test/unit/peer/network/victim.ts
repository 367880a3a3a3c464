/** A process for strangers to attack: `node victim.ts plain|hardened`. Prints its multiaddr and stays. */
import { plainNode } from './plain-network.ts'
import { addressOf, testNetwork } from './test-network.ts'

if (process.argv[2] === 'plain') {
  const node = await plainNode()
  process.stdout.write(`${node.getMultiaddrs()[0]}\n`)
} else {
  const network = await testNetwork()
  await network.start()
  process.stdout.write(`${addressOf(network)}\n`)
}
