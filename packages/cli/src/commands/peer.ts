/** `amp-mesh peer <agent files…>`: a peer with these agents, until Ctrl-C. */
import type { Peer } from '@amp-mesh/peer'
import { type Agent, aborted } from '@amp-mesh/protocol'
import type { Command } from 'commander'
import { embedderInit } from '../embedder.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { meetingPoint } from '../meeting-point.ts'
import { type MeshOptions, withMeshOptions } from '../options.ts'
import { count } from '../render/figures.ts'
import { plainText } from '../render/plain-text.ts'
import type { Style } from '../render/timeline.ts'
import { peerInit, withPeer } from '../visitor.ts'
import type { World } from '../world.ts'

export interface PeerCommandOptions extends MeshOptions {
  name?: string
  relay?: boolean
  repair?: boolean
  /** Names under which the page may be opened. */
  pageHost?: string[]
}

/** Agents may take this long to finish what they are saying; a second Ctrl-C does not wait. */
const DRAIN_MS = 3_000

export const describePeer = (command: Command): Command =>
  withMeshOptions(
    command
      .description('Run a peer with agents until Ctrl-C. The first one of a mesh starts it.')
      .argument('<agent-file...>', 'agents: .ts or .js modules, or .md files with front matter')
      .option('--name <folder>', "name of the peer's folder (default: its first agent's name)")
      .option('--relay', 'be a relay for many browser tabs: 512 places instead of 64')
      .option('--repair', 'keep what can be read of a damaged data folder; other members give back the rest')
      .option('--page-host <name...>', 'names under which the page may be opened, e.g. that of a TLS proxy before it'),
  ).addHelpText(
    'after',
    `
Example:
  amp-mesh peer ./history.ts ./writer.md
  amp-mesh peer ./tests.ts --join /ip4/192.0.2.7/tcp/4001/ws/p2p/12D3KooW…`,
  )

export async function peer(files: string[], options: PeerCommandOptions, world: World): Promise<ExitCode> {
  const model = await world.modelFromEnvironment()
  const agents = (await Promise.all(files.map(file => world.loadAgents(file, model)))).flat()
  const page = await world.pageSite(options.pageHost === undefined ? {} : { names: options.pageHost })
  const init = {
    ...peerInit(options),
    ...(await embedderInit(options, world)),
    page: page.handler,
    join: await meetingPoint(options, world),
    ...(options.relay === true && { relay: true }),
    ...(options.pageHost !== undefined && { names: options.pageHost }),
    ...(options.repair === true && { repair: true }),
    name: options.name ?? agents[0]?.name ?? 'peer',
    ...(model !== undefined && { model }),
  }
  return withPeer(world, init, async running => {
    page.show(running)
    const host = await world.hostAgents(running, agents)
    const url = page.url(running.addresses())
    world.terminal.tell({ ...asJson(running, agents), page: url }, style => asLines(running, agents, url, style))
    await aborted(world.signal)
    world.terminal.remark('finishing …')
    const patience = AbortSignal.timeout(DRAIN_MS)
    await host.close(patience)
    await running.drain(patience)
    return EXIT.ok
  })
}

const asJson = (peer: Peer, agents: readonly Agent[]) => ({
  type: 'listening',
  peer: peer.identity.peerId,
  mesh: peer.mesh.file.name,
  addresses: peer.addresses(),
  agents: agents.map(agent => agent.name),
})

function asLines(peer: Peer, agents: readonly Agent[], url: string | undefined, { palette }: Style): string[] {
  const mesh = plainText(peer.mesh.file.name)
  return [
    `${palette.good('●')} ${count(agents.length, 'agent')} in the mesh ${palette.strong(mesh)}`,
    ...agents.flatMap(({ name, capabilities }) => [
      `  ${palette.of(name, name)}`,
      ...capabilities.map(({ text }) => palette.quiet(`    ${plainText(text)}`)),
    ]),
    ...peer.addresses().map(address => `  ${address}`),
    ...(url === undefined ? [] : [`  ${palette.accent(url)}`]),
    palette.quiet('  Others on this machine find it by themselves; elsewhere: --join <address>. Ctrl-C ends it.'),
  ]
}
