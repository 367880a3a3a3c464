/** What was said, as a tree: each with who judged it and how, and a way to respond. */

import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { Contribution, Judgement } from '../model/contribution.ts'
import type { Respond } from './respond.ts'
import { ResponseForm } from './response-form.tsx'
import { Speaker } from './speaker.tsx'
import { anchorOf } from './synthesis-card.tsx'
import { elapsed } from './time.tsx'

export function ContributionTree({ list, respond }: { list: readonly Contribution[]; respond: Respond }) {
  return (
    <ul class="tree">
      {list.map(contribution => (
        <ContributionItem key={contribution.id} contribution={contribution} respond={respond} />
      ))}
    </ul>
  )
}

function ContributionItem({ contribution, respond }: { contribution: Contribution; respond: Respond }) {
  const { id, who, verb, text, at, status, cites, replies } = contribution
  const [isResponding, setResponding] = useState(false)
  return (
    <li>
      <div class={`said ${status}`} id={anchorOf(id)} tabIndex={-1}>
        <p class="byline">
          <Speaker who={who} />
          <span class="quiet">
            {verb} · {elapsed(at)}
          </span>
          <StatusChip contribution={contribution} />
          {respond.canWrite && !isResponding && (
            <button type="button" class="plain respond" onClick={() => setResponding(true)}>
              Respond
            </button>
          )}
        </p>
        {text.map((paragraph, i) => (
          <p key={`${i} ${paragraph}`} dir="auto">
            {paragraph}
          </p>
        ))}
        {cites.length > 0 && (
          <p class="quiet cites">
            rests on{' '}
            {cites.map((cited, i) => (
              <Fragment key={cited.id}>
                {i > 0 && ', '}
                <a href={`#${anchorOf(cited.id)}`} title={cited.text}>
                  <bdi>{cited.who}</bdi>
                </a>
              </Fragment>
            ))}
          </p>
        )}
        <Judgements contribution={contribution} />
        {isResponding && (
          <ResponseForm record={id} isOwn={who.own} respond={respond} done={() => setResponding(false)} />
        )}
      </div>
      {replies.length > 0 && <ContributionTree list={replies} respond={respond} />}
    </li>
  )
}

/** Nobody having judged it is the rule, and not worth a word. */
function StatusChip({ contribution: { status, refutes } }: { contribution: Contribution }) {
  if (status === 'proposed') return null
  const isAgreed = status === 'contested' && refutes.every(({ counts }) => !counts)
  return isAgreed ? <span class="chip verified">supported</span> : <span class={`chip ${status}`}>{status}</span>
}

function Judgements({ contribution: { supports, refutes } }: { contribution: Contribution }) {
  if (supports.length + refutes.length === 0) return null
  return (
    <ul class="judgements">
      {supports.length > 0 && (
        <li class="supports">
          <span aria-hidden="true">✓</span> verified by <Names judgements={supports} />
        </li>
      )}
      {refutes.map(refutation => (
        <li key={refutation.id} class="refutes">
          <span aria-hidden="true">✗</span> disputed by <Names judgements={[refutation]} />
          {refutation.why !== '' && (
            <>
              : <bdi>{refutation.why}</bdi>
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

const Names = ({ judgements }: { judgements: readonly Judgement[] }) => (
  <>
    {judgements.map(({ id, who, why, counts }, i) => (
      <span key={id} title={counts ? why : `${why} (not a verifier of this question: shown, not counted)`}>
        {i > 0 && ', '}
        <bdi>{who.name}</bdi>
        {!counts && <span class="quiet"> (not counted)</span>}
      </span>
    ))}
  </>
)
