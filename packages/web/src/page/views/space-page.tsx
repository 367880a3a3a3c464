/** A question: where it stands, its conclusion, who offered, what contradicts, and all that was said. */
import type { PageState } from '../model/page-state.ts'
import type { SpaceView } from '../model/space-view.ts'
import { isEnded } from '../model/stage.ts'
import type { Actions } from '../session/actions.ts'
import { ConflictCard } from './conflict-card.tsx'
import { ContributionTree } from './contribution-tree.tsx'
import { OfferList } from './offer-list.tsx'
import { PartForm } from './part-form.tsx'
import { Speaker } from './speaker.tsx'
import { SynthesisCard } from './synthesis-card.tsx'
import { elapsed, Time } from './time.tsx'

export interface SpacePageProps {
  space: SpaceView
  state: PageState
  actions: Actions
}

/** Facts up to this number are not folded away. */
const FEW = 6

export function SpacePage({ space, state, actions }: SpacePageProps) {
  const { synthesis, conflicts, said, facts, offers, stage } = space
  const ended = isEnded(stage)
  const respond = { space: space.id, persona: state.persona, actions, canWrite: state.access === 'write' }
  return (
    <article class="space">
      <header>
        <h1 dir="auto">{space.query}</h1>
        {space.goal !== '' && (
          <p class="lead" dir="auto">
            {space.goal}
          </p>
        )}
        {space.asker !== undefined && (
          <p class="quiet">
            asked by <Speaker who={space.asker} /> · <Time at={space.askedAt} />
          </p>
        )}
        <Status space={space} state={state} actions={actions} />
      </header>
      {synthesis !== undefined && <SynthesisCard synthesis={synthesis} />}
      {conflicts.length > 0 && (
        <section>
          <h2>Contradictions</h2>
          {conflicts.map(conflict => (
            <ConflictCard key={conflict.id} conflict={conflict} respond={respond} />
          ))}
        </section>
      )}
      {!ended && offers.length > 0 && <OfferList offers={offers} isEnded={false} />}
      {state.access === 'write' && (!ended || state.persona !== undefined) && (
        <PartForm space={space} state={state} actions={actions} />
      )}
      {said.length > 0 && (
        <section>
          <h2>What was said</h2>
          <ContributionTree list={said} respond={respond} />
        </section>
      )}
      {facts.length > 0 && (
        <section>
          <details open={facts.length <= FEW} class="facts">
            <summary>
              <h2>Facts that were found</h2> <span class="count">{facts.length}</span>
            </summary>
            <ContributionTree list={facts} respond={respond} />
          </details>
        </section>
      )}
      {ended && offers.length > 0 && <OfferList offers={offers} isEnded />}
      {space.left > 0 && <p class="quiet">… and {space.left} more that are not shown here.</p>}
      {space.unreadable > 0 && (
        <p class="quiet">{space.unreadable} records are of kinds that this version does not know.</p>
      )}
      {state.access === 'read' && (
        <p class="quiet">This question is kept by the peer that serves this page. It can be read here, not changed.</p>
      )}
    </article>
  )
}

const WORDS = {
  asking: 'Asked. Waiting for agents that can help …',
  offers: 'Agents have offered to help.',
  working: 'Agents are working on it.',
  concluded: 'Concluded',
  partial: 'The time was up before everybody had finished.',
  fallen: 'There was a conclusion, but something it rests on was refuted or taken back since.',
  unanswered: 'Nobody in this mesh could help with that.',
  cancelled: 'Stopped by the one who asked.',
  over: 'The time is over, and nobody concluded.',
} as const

function Status({ space, state, actions }: SpacePageProps) {
  const { stage, synthesis, records, budgetMs } = space
  const ended = isEnded(stage)
  return (
    <div class={`status ${stage}`}>
      <p role="status">
        {!ended && <span class="pulse" />} {WORDS[stage]}
        {stage === 'concluded' && synthesis !== undefined && ` after ${elapsed(synthesis.at)}.`}
      </p>
      <p class="quiet">
        {!ended && `${elapsed(budgetMs)} at most · `}
        {records === 1 ? '1 record' : `${records} records`}
      </p>
      {!ended && space.asker?.own && state.access === 'write' && (
        <button type="button" class="plain" onClick={() => actions.cancel(space.id)}>
          Stop
        </button>
      )}
    </div>
  )
}
