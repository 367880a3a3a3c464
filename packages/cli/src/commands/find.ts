/** `amp-mesh find "<capability>"`: agents that can do something, as they are found; --explain says why these. */
import { type Candidate, type Preferred, prefer, type SearchCost } from '@amp-mesh/discovery'
import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type MeshOptions, positive, positiveInteger, withMeshOptions } from '../options.ts'
import { costAsJson, explanationAsJson, renderCost, renderExplanation } from '../render/explanation.ts'
import { cut, pad, plainText } from '../render/plain-text.ts'
import { type Style, shortPeer } from '../render/timeline.ts'
import { rollCall } from '../roll-call.ts'
import { withVisitor } from '../visitor.ts'
import type { World } from '../world.ts'

export interface FindOptions extends MeshOptions {
  limit: number
  /** Seconds. */
  wait: number
  explain?: boolean
}

export const describeFind = (command: Command): Command =>
  withMeshOptions(
    command
      .description('Find agents by what they can do, in words.')
      .argument('<capability>', 'what they should be able to do')
      .option('--limit <n>', 'at most so many', positiveInteger, 10)
      .option('--wait <seconds>', 'how long to look', positive, 5)
      .option('--explain', 'why these, by which way they were found, and what finding them took'),
  ).addHelpText('after', '\nExample:\n  amp-mesh find "check a licence" --limit 3 --explain')

export function find(capability: string, { limit, wait, explain, ...options }: FindOptions, world: World) {
  return withVisitor(world, options, async (peer): Promise<ExitCode> => {
    await rollCall(peer, { deadlineMs: wait * 1000, signal: world.signal })
    const deadline = AbortSignal.timeout(wait * 1000)
    const cost: SearchCost = { lookups: 0, messages: 0, bytes: 0 }
    const found: Candidate[] = []
    const start = peer.clock.now()
    try {
      const signal = AbortSignal.any([world.signal, deadline])
      for await (const candidate of peer.find(capability, { limit, cost, signal })) {
        found.push(candidate)
        if (!explain) world.terminal.tell(asJson(candidate), style => asLine(candidate, candidate.score, style))
      }
    } catch (error) {
      if (!deadline.aborted || world.signal.aborted) throw error
    }
    if (explain) {
      for (const each of prefer(found)) tellWhy(each, world)
      const effort = { ...cost, ms: peer.clock.now() - start }
      world.terminal.tell(costAsJson(effort), style => renderCost(effort, style))
    }
    if (found.length > 0) return EXIT.ok
    world.terminal.remark(`Nobody here says it can do that. \`amp-mesh peers\` lists what the agents can do.`)
    return EXIT.nobodyAnswered
  })
}

function tellWhy(preferred: Preferred, { terminal }: World): void {
  const { candidate, preference } = preferred
  terminal.tell({ ...asJson(candidate), ...explanationAsJson(preferred) }, style => [
    asLine(candidate, preference, style),
    ...renderExplanation(preferred, style),
  ])
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

function asLine({ agent, peer, capability, via, card }: Candidate, figure: number, { palette, width }: Style): string {
  const name = agent.slice(agent.lastIndexOf('/') + 1)
  const who = palette.of(agent, pad(cut(plainText(name), 18), 18))
  const where = palette.quiet(`${shortPeer(peer)} ${card.state} ${via}`)
  return `${figure.toFixed(2)}  ${who} ${where}  ${cut(plainText(capability), Math.max(20, width - 50))}`
}
