/** A contradiction: its sides, whether one prevailed, and what mediators said. */
import type { ConflictView } from '../model/space-view.ts'
import { ContributionTree } from './contribution-tree.tsx'
import type { Respond } from './respond.ts'
import { anchorOf } from './synthesis-card.tsx'

export function ConflictCard({ conflict, respond }: { conflict: ConflictView; respond: Respond }) {
  const { id, why, settled, sides, replies } = conflict
  return (
    <section class={`conflict ${settled ? 'settled' : 'open'}`} id={anchorOf(id)} tabIndex={-1}>
      <p class="byline">
        <span class={`chip ${settled ? 'verified' : 'disputed'}`}>{settled ? 'settled' : 'open'}</span>
        <span dir="auto">{why}</span>
      </p>
      <ul class="sides">
        {sides.map(side => (
          <li key={side.id} class={side.stands ? 'stands' : 'fell'}>
            <a href={`#${anchorOf(side.id)}`}>
              <bdi>{side.who}</bdi>: <bdi>{side.text}</bdi>
            </a>
            {!side.stands && <span class="quiet"> does not stand</span>}
          </li>
        ))}
      </ul>
      {replies.length > 0 && <ContributionTree list={replies} respond={respond} />}
    </section>
  )
}
