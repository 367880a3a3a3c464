/** `amp-mesh watch`: what goes on in the mesh, as a living log. */
import type { Inspection } from '@amp-mesh/peer'
import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type MeshOptions, withMeshOptions } from '../options.ts'
import { renderInspection } from '../render/inspection.ts'
import { recordAsJson } from '../render/json-line.ts'
import { withVisitor } from '../visitor.ts'
import type { World } from '../world.ts'

export const describeWatch = (command: Command): Command =>
  withMeshOptions(
    command.description('Watch the mesh: who comes and goes, and questions put to everybody. Ends with Ctrl-C.'),
  ).addHelpText('after', '\nExample:\n  amp-mesh watch --mesh demo')

export function watch(options: MeshOptions, world: World): Promise<ExitCode> {
  return withVisitor(world, options, async peer => {
    world.terminal.remark(`Watching the mesh ${peer.mesh.file.name} as ${peer.identity.peerId}. Ctrl-C ends it.`)
    const at = peer.clock.now()
    for (const { id, agents } of peer.peers()) {
      tell({ at, event: 'connected', peer: id }, world)
      for (const { agent, state } of agents) tell({ at, event: 'card', agent, state }, world)
    }
    for await (const event of peer.inspect(world.signal)) tell(event, world)
    return EXIT.ok
  })
}

function tell(inspection: Inspection, { terminal }: World): void {
  terminal.tell(asJson(inspection), style => renderInspection(inspection, style))
}

function asJson({ event, ...rest }: Inspection): object {
  if (!('record' in rest)) return { type: event, ...rest }
  return { type: event, ...rest, kind: rest.record.op.k, by: rest.record.by, record: recordAsJson(rest.record) }
}
