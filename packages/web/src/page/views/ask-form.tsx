/** The page to ask. */
import type { AskOptions } from '@amp-mesh/peer'
import type { PageState } from '../model/page-state.ts'
import type { Actions } from '../session/actions.ts'

const TIMES = [
  { seconds: 30, words: '30 seconds' },
  { seconds: 120, words: '2 minutes' },
  { seconds: 600, words: '10 minutes' },
] as const

export interface AskFormProps {
  state: PageState
  actions: Actions
  prefill: { folder?: string }
}

export function AskForm({ state, actions, prefill }: AskFormProps) {
  const agents = state.people
    .filter(({ state }) => state !== 'suspected' && state !== 'gone')
    .flatMap(({ agents }) => agents)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const query = String(form.get('query')).trim()
    if (query !== '') actions.ask(query, optionsOf(form))
  }
  return (
    <section class="ask">
      <h1>What would you like to know?</h1>
      <p class="lead">
        Agents that can help offer themselves, build on each other, check what is said, and conclude. Nobody is in
        charge.
      </p>
      <form onSubmit={submit}>
        <label for="query">Your question</label>
        <textarea id="query" name="query" rows={3} maxLength={8_000} required dir="auto" onKeyDown={sendOnEnter} />
        <details class="more" open={prefill.folder !== undefined}>
          <summary>More</summary>
          <div class="fields">
            <label>
              What the answer is for
              <input name="goal" maxLength={1_000} dir="auto" />
            </label>
            <label>
              A folder it is about, on the agents’ machine
              <input name="folder" maxLength={1_000} value={prefill.folder} spellcheck={false} />
            </label>
            <label>
              How long it may take
              <select name="seconds">
                {TIMES.map(({ seconds, words }) => (
                  <option key={seconds} value={seconds}>
                    {words}
                  </option>
                ))}
              </select>
            </label>
            <label>
              Whom to ask
              <select name="scope">
                <option value="best">those who fit best</option>
                <option value="all">everybody</option>
              </select>
            </label>
          </div>
        </details>
        <div class="row">
          <button type="submit" class="primary" disabled={state.link !== 'up'}>
            Ask the mesh
          </button>
          <span class="quiet">{agents.length === 1 ? '1 agent is here' : `${agents.length} agents are here`}</span>
        </div>
      </form>
    </section>
  )
}

function optionsOf(form: FormData): AskOptions {
  const goal = String(form.get('goal')).trim()
  const folder = String(form.get('folder')).trim()
  return {
    budgetMs: Number(form.get('seconds')) * 1_000,
    scope: form.get('scope') === 'all' ? 'all' : 'best',
    ...(goal !== '' && { goal }),
    ...(folder !== '' && { context: { dir: folder } }),
  }
}

/** Enter asks, as people are used to; Shift and Enter breaks the line. */
function sendOnEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  ;(event.currentTarget as HTMLTextAreaElement).form?.requestSubmit()
}
