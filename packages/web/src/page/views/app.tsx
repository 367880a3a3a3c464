/** The whole page: who you are, the questions, the one that is open, and who is here. */
import { useEffect, useState } from 'preact/hooks'
import type { PageState } from '../model/page-state.ts'
import type { Actions } from '../session/actions.ts'
import type { Store } from '../session/store.ts'
import { AskForm } from './ask-form.tsx'
import { LinkNotice } from './link-notice.tsx'
import { PeopleList } from './people-list.tsx'
import { QuestionList } from './question-list.tsx'
import { SearchBox } from './search-box.tsx'
import { SpacePage } from './space-page.tsx'
import { TopBar } from './top-bar.tsx'

export interface AppProps {
  store: Store
  actions: Actions
  /** Filled into the form, e.g. by the command that printed the address. */
  prefill?: { folder?: string }
}

export function App({ store, actions, prefill = {} }: AppProps) {
  const [state, show] = useState(store.state)
  useEffect(() => {
    show(store.state)
    return store.subscribe(show)
  }, [store])
  return (
    <>
      <a class="skip" href="#main">
        Skip to the question
      </a>
      <TopBar state={state} actions={actions} />
      <div class="layout">
        <QuestionList state={state} actions={actions} />
        <main id="main" tabIndex={-1}>
          <LinkNotice state={state} />
          {state.problem !== '' && (
            <p class="notice bad" role="alert">
              {state.problem}
            </p>
          )}
          <Content state={state} actions={actions} prefill={prefill} />
        </main>
        <PeopleList state={state} actions={actions} />
      </div>
    </>
  )
}

function Content({ state, actions, prefill }: { state: PageState; actions: Actions; prefill: { folder?: string } }) {
  if (state.asking !== undefined) return <Waiting query={state.asking} />
  if (state.chosen === undefined)
    return (
      <>
        <AskForm state={state} actions={actions} prefill={prefill} />
        <SearchBox search={state.search} actions={actions} />
      </>
    )
  if (state.open === undefined) return <p class="quiet">Opening the question …</p>
  return <SpacePage space={state.open} state={state} actions={actions} key={state.open.id} />
}

const Waiting = ({ query }: { query: string }) => (
  <section>
    <h1 dir="auto">{query}</h1>
    <p class="status">
      <span class="pulse" /> Looking for agents that can help …
    </p>
  </section>
)
