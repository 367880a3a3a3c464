/**
 * A process that holds a data folder: `node folder-holder.ts <root>`. Prints what it has once it holds it, and stays.
 */
import { openDataFolder, systemRandom } from '@amp-mesh/peer/node'
import { utf8 } from '@amp-mesh/protocol'

const folder = await openDataFolder({ root: process.argv[2] ?? '', mesh: 'test', name: 'holder', random: systemRandom })
await folder.storage.write([{ put: 'written by', value: utf8(String(process.pid)) }])
process.stdout.write('held\n')
setInterval(() => {}, 1_000)
