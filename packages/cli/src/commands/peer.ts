/** `amp-mesh peer <agent files…>`: a peer with these agents, until Ctrl-C. */
import { readFile } from 'node:fs/promises'
import type { Peer } from '@amp-mesh/peer'
import { type Agent, AmpError, aborted } from '@amp-mesh/protocol'
import type { Command } from 'commander'
import { embedderInit } from '../embedder.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { meetingPoint } from '../meeting-point.ts'
import { type MeshOptions, server, withMeshOptions } from '../options.ts'
import { count } from '../render/figures.ts'
import { plainText } from '../render/plain-text.ts'
import type { Style } from '../render/timeline.ts'
import { peerInit, withPeer } from '../visitor.ts'
import type { RunningPeer, World } from '../world.ts'

export interface PeerCommandOptions extends MeshOptions {
  name?: string
  relay?: boolean
  behindNat?: boolean
  /** STUN servers. */
  stun?: string[]
  repair?: boolean
  closed?: boolean
  tlsCert?: string
  tlsKey?: string
  insecure?: boolean
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
      .option('--behind-nat', 'be met at relays, and go past them where possible (default: if nobody can call)')
      .option('--stun <host:port...>', 'behind NAT: servers that tell how this peer is seen from outside', server)
      .option('--repair', 'keep what can be read of a damaged data folder; other members give back the rest')
      .option('--closed', 'a new mesh lets in only whom you invite; so does any that others can reach (--listen)')
      .option('--tls-cert <file>', 'certificate (PEM) for HTTPS and WSS on the same port, with --tls-key')
      .option('--tls-key <file>', 'its private key (PEM)')
      .option('--insecure', 'show page, rooms and gateway to other machines without TLS, e.g. behind a TLS proxy')
      .option('--page-host <name...>', 'names under which the page may be opened, e.g. that of a TLS proxy before it'),
  ).addHelpText(
    'after',
    `
Example:
  amp-mesh peer ./history.ts ./writer.md
  amp-mesh peer ./tests.ts --join /ip4/127.0.0.1/tcp/4001/ws/p2p/12D3KooW…
  amp-mesh peer ./history.ts --mesh team --listen 0.0.0.0:4001
  amp-mesh peer ./tests.ts --invitation <what amp-mesh invite --mesh team printed there>
  amp-mesh peer ./laptop.ts --mesh team --join team.example:4001 --stun stun.example:3478`,
  )

export async function peer(files: string[], options: PeerCommandOptions, world: World): Promise<ExitCode> {
  const behindNat = options.behindNat === true || options.stun !== undefined
  if (options.relay === true && behindNat)
    throw new AmpError(
      'bad-input',
      'a relay must be within reach of others: leave out --relay, --behind-nat and --stun',
    )
  const model = await world.modelFromEnvironment()
  const agents = (await Promise.all(files.map(file => world.loadAgents(file, model)))).flat()
  const tls = await tlsFiles(options)
  const page = await world.pageSite({
    ...(options.pageHost !== undefined && { names: options.pageHost }),
    secure: tls !== undefined,
  })
  const init = {
    ...peerInit(options),
    ...(await embedderInit(options, world)),
    page: page.handler,
    join: await meetingPoint(options, world),
    ...(options.relay === true && { relay: true }),
    ...(behindNat && { behindNat, stun: options.stun ?? [] }),
    ...(options.closed === true && { closed: true }),
    ...(options.insecure === true && { insecure: true }),
    ...(tls !== undefined && { tls }),
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

/** Throws `bad-input` when one of the two is missing, or can't be read. */
async function tlsFiles({ tlsCert, tlsKey }: PeerCommandOptions): Promise<{ cert: string; key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined)
    throw new AmpError('bad-input', 'TLS needs both --tls-cert <file> and --tls-key <file>')
  try {
    return { cert: await readFile(tlsCert, 'utf8'), key: await readFile(tlsKey, 'utf8') }
  } catch (cause) {
    throw new AmpError('bad-input', `a file of TLS can’t be read: ${String(cause)}`, undefined, cause)
  }
}

const asJson = (peer: RunningPeer, agents: readonly Agent[]) => ({
  type: 'listening',
  peer: peer.identity.peerId,
  mesh: peer.mesh.file.name,
  addresses: peer.addresses(),
  agents: agents.map(agent => agent.name),
  ...(peer.gatewayUrl !== undefined && { gateway: peer.gatewayUrl, tokenFile: peer.tokenFile }),
})

function asLines(peer: RunningPeer, agents: readonly Agent[], url: string | undefined, { palette }: Style): string[] {
  const { gatewayUrl, tokenFile } = peer
  const mesh = plainText(peer.mesh.file.name)
  return [
    `${palette.good('●')} ${count(agents.length, 'agent')} in the mesh ${palette.strong(mesh)}`,
    ...agents.flatMap(({ name, capabilities }) => [
      `  ${palette.of(name, name)}`,
      ...capabilities.map(({ text }) => palette.quiet(`    ${plainText(text)}`)),
    ]),
    ...peer.addresses().map(address => `  ${address}`),
    ...(url === undefined ? [] : [`  ${palette.accent(url)}`]),
    ...(gatewayUrl === undefined
      ? []
      : [`  ${gatewayUrl}`, palette.quiet(`    for clients in any language; token: ${tokenFile ?? 'as given'}`)]),
    palette.quiet(`  Others on this machine find it by themselves; ${elsewhere(peer)} Ctrl-C ends it.`),
  ]
}

/** How somebody on another machine comes in. */
const elsewhere = ({ mesh }: Peer): string =>
  mesh.file.closed === true
    ? `elsewhere they need what \`amp-mesh invite --mesh ${plainText(mesh.file.name)}\` prints.`
    : 'the mesh is open, and on this machine only.'
