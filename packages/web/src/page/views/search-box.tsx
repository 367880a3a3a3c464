/** Finding agents by what they can do, without asking them anything. */
import type { FoundAgent, SearchView } from '../model/search-view.ts'
import type { Actions } from '../session/actions.ts'
import { tintOf } from './speaker.tsx'

export function SearchBox({ search, actions }: { search: SearchView | undefined; actions: Actions }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    actions.search(String(form.get('words')).trim())
  }
  return (
    <section class="search">
      <search>
        <form onSubmit={submit}>
          <label for="words">Who can do what? Find agents without asking them</label>
          <div class="row">
            <input id="words" name="words" type="search" maxLength={500} dir="auto" placeholder="check a licence" />
            <button type="submit">Find</button>
          </div>
        </form>
      </search>
      <p class="quiet" role="status">
        {search !== undefined && statusOf(search)}
      </p>
      {search !== undefined && (
        <ol class="found">
          {search.found.map(agent => (
            <FoundItem key={agent.id} agent={agent} />
          ))}
        </ol>
      )}
    </section>
  )
}

function statusOf({ state, words, found, took }: SearchView): string {
  const many = found.length === 1 ? '1 agent' : `${found.length} agents`
  if (state === 'looking') return `Looking for “${words}” … ${many} so far`
  if (found.length === 0) return `Nobody here says they can do “${words}” (${took}).`
  return `${many} for “${words}”: ${took}.`
}

const FoundItem = ({ agent: { id, name, peer, state, capability, fit, why } }: { agent: FoundAgent }) => (
  <li>
    <p class="byline">
      <span class={`disc tint-${tintOf(id)}`} aria-hidden="true" />
      <bdi class="name">{name}</bdi>
      <span class="quiet" title={id}>
        {peer}
      </span>
      {state !== 'ready' && <span class="chip">{state}</span>}
      <span class="sure">
        <meter min={0} max={1} value={fit} aria-label={`how well ${name} fits`} />
        {Math.round(fit * 100)} %
      </span>
    </p>
    <p dir="auto">{capability}</p>
    <details>
      <summary class="quiet">Why it is here</summary>
      <ul>
        {why.map(sentence => (
          <li key={sentence} dir="auto">
            {sentence}
          </li>
        ))}
      </ul>
    </details>
  </li>
)
