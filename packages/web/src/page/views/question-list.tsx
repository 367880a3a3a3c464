/** The questions of this tab, those it is invited to, and those the serving peer keeps. */
import type { PageState } from '../model/page-state.ts'
import type { SpaceSummary } from '../model/space-summary.ts'
import type { Stage } from '../model/stage.ts'
import type { Actions } from '../session/actions.ts'
import { Panel } from './panel.tsx'
import { Time } from './time.tsx'

const STAGES: Record<Stage, string> = {
  asking: 'asking',
  offers: 'offers are coming',
  working: 'being worked on',
  concluded: 'concluded',
  partial: 'partly concluded',
  fallen: 'its conclusion fell',
  unanswered: 'nobody could help',
  cancelled: 'stopped',
  over: 'time is over',
}

const RELATIONS: Record<SpaceSummary['relation'], string> = {
  mine: 'yours',
  joined: 'you take part',
  invited: 'asked by others',
  kept: 'kept by this peer',
}

/** Listed, at most: older ones are in `amp-mesh spaces`. */
const MOST = 100

export function QuestionList({ state, actions }: { state: PageState; actions: Actions }) {
  const { spaces, chosen } = state
  return (
    <nav class="questions" aria-label="Questions">
      <Panel title="Questions" count={spaces.length}>
        {chosen !== undefined && (
          <button type="button" class="new" onClick={() => actions.choose(undefined)}>
            Ask a new question
          </button>
        )}
        {spaces.length === 0 && <p class="quiet">None yet. What you ask stays here.</p>}
        <ul>
          {spaces.slice(0, MOST).map(({ id, query, stage, relation, askedAt }) => (
            <li key={id}>
              <button
                type="button"
                class="question"
                aria-current={id === chosen ? 'page' : undefined}
                onClick={() => actions.choose(id)}
              >
                <span class="query" dir="auto">
                  {query}
                </span>
                <span class="quiet">
                  <span class={`stage ${stage}`}>{STAGES[stage]}</span> · {RELATIONS[relation]} · <Time at={askedAt} />
                </span>
              </button>
            </li>
          ))}
        </ul>
      </Panel>
    </nav>
  )
}
