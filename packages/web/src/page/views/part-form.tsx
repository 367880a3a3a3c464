/** How a person takes part in a question: with an offer, a proposal, or the word that they have nothing to add. */
import { useId, useState } from 'preact/hooks'
import type { PageState } from '../model/page-state.ts'
import type { SpaceView } from '../model/space-view.ts'
import { isEnded } from '../model/stage.ts'
import type { Actions } from '../session/actions.ts'
import { NameField, nameIn } from './name-field.tsx'

const SURENESS = [
  { value: 0.9, words: 'quite sure' },
  { value: 0.6, words: 'fairly sure' },
  { value: 0.3, words: 'not so sure' },
] as const

export interface PartFormProps {
  space: SpaceView
  state: PageState
  actions: Actions
}

export function PartForm({ space, state, actions }: PartFormProps) {
  const { persona, resting } = state
  const [isOpen, open] = useState(false)
  const offered = space.offers.some(({ who }) => who.own && who.name === persona?.name)
  const ended = isEnded(space.stage)
  if (!isOpen)
    return (
      <div class="row part">
        {!ended && (
          <button type="button" onClick={() => open(true)}>
            {offered ? 'Propose something' : 'I can help'}
          </button>
        )}
        {ended && (
          <p class="quiet">This question has ended. You can still build on what was said, verify and dispute.</p>
        )}
        {offered && !ended && !resting && (
          <>
            <button type="button" onClick={() => actions.rest(space.id)}>
              I have nothing to add
            </button>
            <span class="quiet">The others wait for you until then, or until the time is over.</span>
          </>
        )}
        {offered && !ended && resting && <span class="quiet">You have nothing to add. The others go on.</span>}
      </div>
    )
  return <Words space={space} state={state} actions={actions} offered={offered} done={() => open(false)} />
}

function Words({ space, state, actions, offered, done }: PartFormProps & { offered: boolean; done(): void }) {
  const [kind, setKind] = useState<'offer' | 'propose'>(offered ? 'propose' : 'offer')
  const id = useId()
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const words = String(form.get('words'))
    if (state.persona === undefined) await actions.name({ name: nameIn(form), can: '' })
    await actions.act(
      space.id,
      kind === 'offer' ? { do: kind, words, confidence: Number(form.get('sure')) } : { do: kind, words },
    )
    done()
  }
  return (
    <form class="card" onSubmit={submit}>
      <fieldset class="kinds">
        <legend class="hidden">How to take part</legend>
        <label>
          <input type="radio" name={`kind-${id}`} checked={kind === 'offer'} onChange={() => setKind('offer')} />
          Offer help
        </label>
        <label>
          <input type="radio" name={`kind-${id}`} checked={kind === 'propose'} onChange={() => setKind('propose')} />
          Propose
        </label>
      </fieldset>
      <NameField persona={state.persona} />
      <label for={`words-${id}`}>{kind === 'offer' ? 'What can you do?' : 'What do you propose?'}</label>
      <textarea id={`words-${id}`} name="words" rows={3} maxLength={4_000} required dir="auto" />
      {kind === 'offer' && (
        <label>
          How sure are you?
          <select name="sure">
            {SURENESS.map(({ value, words }) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="row">
        <button type="submit" class="primary">
          {kind === 'offer' ? 'Offer' : 'Propose'}
        </button>
        <button type="button" class="plain" onClick={done}>
          Cancel
        </button>
      </div>
    </form>
  )
}
