/** `amp-mesh find "<capability>"`: agents that can do something, best first as they are found. */
import type { Candidate } from '@amp-mesh/discovery'
import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type MeshOptions, positive, positiveInteger, withMeshOptions } from '../options.ts'
import { cut, pad, plainText } from '../render/plain-text.ts'
import { type Style, shortPeer } from '../render/timeline.ts'
import { rollCall } from '../roll-call.ts'
import { withVisitor } from '../visitor.ts'
import type { World } from '../world.ts'

export interface FindOptions extends MeshOptions {
  limit: number
  /** Seconds. */
  wait: number
}

export const describeFind = (command: Command): Command =>
  withMeshOptions(
    command
      .description('Find agents by what they can do, in words.')
      .argument('<capability>', 'what they should be able to do')
      .option('--limit <n>', 'at most so many', positiveInteger, 10)
      .option('--wait <seconds>', 'how long to look', positive, 5),
  ).addHelpText('after', '\nExample:\n  amp-mesh find "check a licence" --limit 3')

export function find(capability: string, { limit, wait, ...options }: FindOptions, world: World): Promise<ExitCode> {
  return withVisitor(world, options, async peer => {
    await rollCall(peer, { deadlineMs: wait * 1000, signal: world.signal })
    const deadline = AbortSignal.timeout(wait * 1000)
    let found = 0
    try {
      for await (const candidate of peer.find(capability, {
        limit,
        signal: AbortSignal.any([world.signal, deadline]),
      })) {
        found++
        world.terminal.tell(asJson(candidate), style => asLine(candidate, style))
      }
    } catch (error) {
      if (!deadline.aborted || world.signal.aborted) throw error
    }
    if (found > 0) return EXIT.ok
    world.terminal.remark(`Nobody here says it can do that. \`amp-mesh peers\` lists what the agents can do.`)
    return EXIT.nobodyAnswered
  })
}

const asJson = ({ agent, peer, score, capability, via, card }: Candidate) => ({
  type: 'candidate',
  agent,
  peer,
  score,
  capability,
  via,
  state: card.state,
})

function asLine({ agent, peer, score, capability, via, card }: Candidate, { palette, width }: Style): string {
  const name = agent.slice(agent.lastIndexOf('/') + 1)
  const who = palette.of(agent, pad(cut(plainText(name), 18), 18))
  const where = palette.quiet(`${shortPeer(peer)} ${card.state} ${via}`)
  return `${score.toFixed(2)}  ${who} ${where}  ${cut(plainText(capability), Math.max(20, width - 50))}`
}
