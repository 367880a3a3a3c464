/** Who the person is in this mesh: an agent with a name, and what it can do. */
import { useState } from 'preact/hooks'
import type { PageState } from '../model/page-state.ts'
import type { Actions } from '../session/actions.ts'
import { agentNameOf } from '../session/words.ts'

export function PersonaForm({ state, actions }: { state: PageState; actions: Actions }) {
  const { persona } = state
  const [isEditing, edit] = useState(false)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const name = agentNameOf(String(form.get('name')))
    if (name === '') return
    actions.name({ name, can: String(form.get('can')).trim() })
    edit(false)
  }
  if (!isEditing)
    return (
      <p class="persona">
        {persona === undefined ? (
          <span class="quiet">You watch and ask.</span>
        ) : (
          <span>
            You are <strong>{persona.name}</strong>
            {persona.can === '' ? '.' : `: ${persona.can}`}
          </span>
        )}{' '}
        <button type="button" class="plain" onClick={() => edit(true)}>
          {persona === undefined ? 'Take part' : 'Change'}
        </button>
      </p>
    )
  return (
    <form class="persona card" onSubmit={submit}>
      <label>
        Your name here
        <input name="name" required maxLength={64} value={persona?.name} autocomplete="nickname" />
      </label>
      <label>
        What you can help with
        <input name="can" maxLength={500} value={persona?.can} dir="auto" aria-describedby="can-hint" />
      </label>
      <p class="quiet" id="can-hint">
        Questions that fit reach you. Leave it empty to join only those you open.
      </p>
      <div class="row">
        <button type="submit" class="primary">
          Save
        </button>
        <button type="button" class="plain" onClick={() => edit(false)}>
          Cancel
        </button>
      </div>
    </form>
  )
}
