/** The conclusion, with notes that lead to the records it rests on. */
import type { RecordId } from '@amp-mesh/protocol'
import type { Citation } from '../model/contribution.ts'
import type { Claim, SynthesisView } from '../model/synthesis-view.ts'
import { Speaker } from './speaker.tsx'

/** Where a record stands on the page. */
export const anchorOf = (id: RecordId): string => `r-${id}`

/** Notes below this number are not folded away. */
const FEW = 8

export function SynthesisCard({ synthesis }: { synthesis: SynthesisView }) {
  const { who, partial, isFinal, headline, prose, claims, notes } = synthesis
  return (
    <section class="synthesis" id={anchorOf(synthesis.id)} aria-label="Conclusion">
      <h2>{partial ? 'Partial conclusion' : 'Conclusion'}</h2>
      <p class="headline" dir="auto">
        {headline}
      </p>
      {prose.map(paragraph => (
        <p key={paragraph} dir="auto">
          {paragraph}
        </p>
      ))}
      {claims.length > 0 && (
        <ul class="claims">
          {claims.map((claim, i) => (
            <ClaimItem key={`${i} ${claim.text}`} claim={claim} notes={notes} />
          ))}
        </ul>
      )}
      <p class="quiet">
        worded by <Speaker who={who} />{' '}
        {isFinal && (
          <span class="chip final" title="A quorum of the verifiers chose this answer, for good">
            final
          </span>
        )}
      </p>
      {notes.length > 0 && (
        <details class="notes" open={notes.length <= FEW}>
          <summary>Rests on {notes.length === 1 ? '1 record' : `${notes.length} records`}</summary>
          <ol>
            {notes.map(note => (
              <li key={note.id}>
                <a href={`#${anchorOf(note.id)}`}>
                  <bdi>{note.who}</bdi>: <bdi>{note.text}</bdi>
                </a>
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  )
}

function ClaimItem({ claim, notes }: { claim: Claim; notes: readonly Citation[] }) {
  return (
    <li dir="auto">
      {claim.text}
      {claim.notes.map(number => (
        <NoteLink key={number} number={number} note={notes[number - 1]} />
      ))}
    </li>
  )
}

function NoteLink({ number, note }: { number: number; note: Citation | undefined }) {
  if (note === undefined) return null
  return (
    <a class="note" href={`#${anchorOf(note.id)}`} title={`${note.who}: ${note.text}`}>
      <span class="hidden">note </span>
      {number}
    </a>
  )
}
