/** `amp-mesh peers`: who is in the mesh, how far away, and what its agents can do. */
import type { PeerInfo } from '@amp-mesh/peer'
import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type MeshOptions, withMeshOptions } from '../options.ts'
import { count } from '../render/figures.ts'
import { ABSENCE } from '../render/inspection.ts'
import { cut, pad, plainText } from '../render/plain-text.ts'
import type { Style } from '../render/timeline.ts'
import { rollCall } from '../roll-call.ts'
import { withVisitor } from '../visitor.ts'
import type { World } from '../world.ts'

const ROLL_CALL_MS = 3_000

export const describePeers = (command: Command): Command =>
  withMeshOptions(command.description('List the peers of the mesh and what their agents can do.')).addHelpText(
    'after',
    '\nExample:\n  amp-mesh peers --json',
  )

export function peers(options: MeshOptions, world: World): Promise<ExitCode> {
  return withVisitor(world, options, async peer => {
    await rollCall(peer, { deadlineMs: ROLL_CALL_MS, signal: world.signal })
    const known = peer.peers()
    for (const info of known) world.terminal.tell(asJson(info), style => asLines(info, style))
    world.terminal.remark(`${count(known.length, 'peer')} in the mesh ${peer.mesh.file.name}`)
    return known.length > 0 ? EXIT.ok : EXIT.nobodyAnswered
  })
}

const asJson = ({ id, state, why, rttMs, transport, traffic, addresses, agents }: PeerInfo) => ({
  type: 'peer',
  id,
  state,
  why,
  rttMs,
  transport,
  traffic,
  addresses,
  agents: agents.map(({ agent, state, capabilities, operator, model }) => ({
    agent,
    state,
    capabilities: capabilities.map(({ text }) => text),
    operator,
    model,
  })),
})

function asLines({ id, state, why, rttMs, addresses, agents }: PeerInfo, { palette, width }: Style): string[] {
  const mark = state === 'reachable' ? palette.good('●') : palette.bad('○')
  const far = rttMs === undefined ? '' : ` ${rttMs.toFixed(1)} ms`
  const because = why === undefined ? '' : ` (${ABSENCE[why]})`
  const where = `${state}${because}${far} ${addresses.map(plainText).join(' ')}`.trim()
  const head = `${mark} ${palette.strong(id)} ${palette.quiet(where)}`
  const skills = agents.map(({ agent, state, capabilities }) => {
    const name = plainText(agent.slice(agent.lastIndexOf('/') + 1))
    const words = plainText(capabilities.map(({ text }) => text).join('; '))
    return `  ${palette.of(agent, pad(cut(name, 18), 18))} ${palette.quiet(state.padEnd(8))} ${cut(words, width - 30)}`
  })
  return [head, ...skills]
}
