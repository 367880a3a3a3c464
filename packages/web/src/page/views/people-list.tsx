/** Who is here: the person, and the peers with their agents. */
import type { PageState } from '../model/page-state.ts'
import { type AgentEntry, MOST_PEOPLE, type Person } from '../model/person.ts'
import type { Actions } from '../session/actions.ts'
import { Panel } from './panel.tsx'
import { PersonaForm } from './persona-form.tsx'
import { tintOf } from './speaker.tsx'

export function PeopleList({ state, actions }: { state: PageState; actions: Actions }) {
  const { people } = state
  const agents = people.reduce((sum, { agents }) => sum + agents.length, 0)
  return (
    <aside class="people" aria-label="Who is here">
      <Panel title="Who is here" count={agents}>
        <PersonaForm state={state} actions={actions} />
        {people.length === 0 && <p class="quiet">Nobody else yet.</p>}
        <ul>
          {people.slice(0, MOST_PEOPLE).map(person => (
            <PersonItem key={person.peer} person={person} />
          ))}
        </ul>
        {people.length > MOST_PEOPLE && <p class="quiet">… and {people.length - MOST_PEOPLE} more peers</p>}
      </Panel>
    </aside>
  )
}

const STATES: Record<Person['state'], string> = {
  reachable: 'connected',
  suspected: 'does not answer',
  gone: 'gone',
  known: 'known, not connected',
}

function PersonItem({ person }: { person: Person }) {
  const { agents, short, peer, state, transport, rttMs } = person
  const way = state === 'reachable' && transport !== '' ? transport : STATES[state]
  return (
    <li class={`person ${state}`}>
      {agents.length === 0 && <p class="name">a peer without agents</p>}
      {agents.map(agent => (
        <AgentItem key={agent.id} agent={agent} />
      ))}
      <p class="quiet way" title={peer}>
        <span class={`dot ${state}`} aria-hidden="true" />
        {way}
        {rttMs !== undefined && state === 'reachable' && ` · ${rttMs} ms`} · {short}
      </p>
    </li>
  )
}

const SHOWN = 2

function AgentItem({ agent: { id, name, about, capabilities, state, origin } }: { agent: AgentEntry }) {
  return (
    <div class="agent">
      <p class="name">
        <span class={`disc tint-${tintOf(id)}`} aria-hidden="true" />
        <bdi>{name}</bdi>
        {state !== 'ready' && <span class="chip">{state}</span>}
      </p>
      {about !== '' && <p dir="auto">{about}</p>}
      <Capabilities list={capabilities.slice(0, SHOWN)} />
      {capabilities.length > SHOWN && (
        <details>
          <summary class="quiet">{capabilities.length - SHOWN} more</summary>
          <Capabilities list={capabilities.slice(SHOWN)} />
        </details>
      )}
      {origin !== '' && (
        <p class="quiet">
          run by <bdi>{origin}</bdi>
        </p>
      )}
    </div>
  )
}

const Capabilities = ({ list }: { list: readonly string[] }) => (
  <ul class="capabilities">
    {list.map(capability => (
      <li key={capability} dir="auto">
        {capability}
      </li>
    ))}
  </ul>
)
