/** What agents are to this peer by experience: in how many questions what they said stood, and in how many it fell. */
import { type AgentId, type Genesis, type PublicKey, type Rec, readSolution, type SpaceId } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'
import { backers, canVouch, type Evidence } from './commons.ts'
import { conclusion } from './conclusion.ts'
import { speakerId, speakerOf } from './offers.ts'
import { status } from './status.ts'

/** Questions are counted, not records: nobody gains by saying much. */
export interface TrackRecord {
  /** Questions whose conclusion rests on what the agent said. */
  readonly upheld: number
  /** Questions in which the verifiers refuted something the agent said. */
  readonly fallen: number
}

export interface Experience {
  /** Questions this peer carries. Only those count whose end it can answer for: others' spaces may hold anything. */
  readonly spaces: Iterable<Evidence>
  readonly self: PublicKey
  /** What the mesh's verifiers stand behind counts too, where this peer was not there. */
  readonly commons: { readonly records: Records; readonly genesis: Genesis }
}

/** Agents this peer knows anything of; all others are newcomers to it. */
export function trackRecords({ spaces, self, commons }: Experience): Map<AgentId, TrackRecord> {
  const known = new Map<AgentId, TrackRecord>()
  const seen = new Set<SpaceId>()
  const count = (agent: AgentId, upheld: number, fallen: number) => {
    const { upheld: before = 0, fallen: felt = 0 } = known.get(agent) ?? {}
    known.set(agent, { upheld: before + upheld, fallen: felt + fallen })
  }
  for (const space of spaces) {
    if (!canVouch(self, space)) continue
    seen.add(space.id)
    for (const agent of upheldIn(space)) count(agent, 1, 0)
    for (const agent of fallenIn(space)) count(agent, 0, 1)
  }
  for (const record of commons.records.of('solved')) {
    const solution = readSolution(record.op.result)
    if (solution === undefined || seen.has(solution.space)) continue
    if (!backers(commons.records, commons.genesis, record).trusted) continue
    seen.add(solution.space)
    for (const agent of new Set(solution.by)) count(agent, 1, 0)
  }
  return known
}

/** 0..1, the mean of what may be thought after so many good and bad cases (Beta(1, 1) before the first). */
export const reputationOf = ({ upheld, fallen }: TrackRecord): number => (1 + upheld) / (2 + upheld + fallen)

/** Cited by the conclusion. Who wrote it cites himself for nothing, unless the verifiers stand behind it. */
function upheldIn({ genesis, records }: Evidence): Set<AgentId> {
  const { synthesis } = conclusion(records, genesis)
  if (synthesis === undefined) return new Set()
  const vouched = ['verified', 'final'].includes(status(records, genesis, synthesis.id))
  const cited = synthesis.op.claims.flatMap(({ references }) => references.flatMap(id => records.get(id) ?? []))
  return agentsOf(cited.filter(({ by }) => vouched || by !== synthesis.by))
}

const SAYING = ['fact', 'proposal', 'build_on', 'concern', 'result', 'synthesis'] as const

function fallenIn({ genesis, records }: Evidence): Set<AgentId> {
  const said = SAYING.flatMap((kind): readonly Rec[] => records.of(kind))
  return agentsOf(said.filter(({ id }) => status(records, genesis, id) === 'refuted'))
}

const agentsOf = (records: readonly Rec[]): Set<AgentId> => new Set(records.map(record => speakerId(speakerOf(record))))
