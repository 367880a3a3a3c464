/** Who offered to help, and how sure they are. */
import type { OfferView } from '../model/space-view.ts'
import { Speaker } from './speaker.tsx'
import { anchorOf } from './synthesis-card.tsx'

export function OfferList({ offers, isEnded }: { offers: readonly OfferView[]; isEnded: boolean }) {
  return (
    <section>
      <h2>{offers.length === 1 ? '1 offer' : `${offers.length} offers`}</h2>
      <ul class="offer-list">
        {offers.map(({ id, who, confidence, words, settled }) => (
          <li key={id} id={anchorOf(id)} tabIndex={-1}>
            <p class="byline">
              <Speaker who={who} />
              <span class="sure">
                <meter min={0} max={1} value={confidence} aria-label="how sure" />
                {Math.round(confidence * 100)} %
              </span>
              {settled && !isEnded && <span class="quiet">has nothing to add</span>}
            </p>
            {words !== '' && <p dir="auto">{words}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}
