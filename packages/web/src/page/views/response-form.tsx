/** A person's response to something that was said: build on it, verify it, or dispute it. */

import type { RecordId } from '@amp-mesh/protocol'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { NameField, nameIn } from './name-field.tsx'
import type { Respond } from './respond.ts'

type Kind = 'build on' | 'verify' | 'dispute'

const KINDS: readonly { kind: Kind; label: string; ask: string; send: string }[] = [
  { kind: 'build on', label: 'Build on it', ask: 'What do you add?', send: 'Add' },
  { kind: 'verify', label: 'Verify', ask: 'How do you know? (optional)', send: 'Verify' },
  { kind: 'dispute', label: 'Dispute', ask: 'What is wrong with it?', send: 'Dispute' },
]

export interface ResponseFormProps {
  record: RecordId
  /** One cannot judge what one said oneself. */
  isOwn: boolean
  respond: Respond
  done(): void
}

export function ResponseForm({ record, isOwn, respond, done }: ResponseFormProps) {
  const { space, persona, actions } = respond
  const [kind, setKind] = useState<Kind>('build on')
  const id = useId()
  const first = useRef<HTMLTextAreaElement>(null)
  useEffect(() => first.current?.focus(), [])
  const kinds = isOwn ? KINDS.slice(0, 1) : KINDS
  const { ask = '', send = '' } = kinds.find(each => each.kind === kind) ?? {}
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const words = String(form.get('words'))
    if (persona === undefined) await actions.name({ name: nameIn(form), can: '' })
    await actions.act(
      space,
      kind === 'build on' ? { do: kind, parent: record, words } : { do: kind, of: record, words },
    )
    done()
  }
  return (
    <form class="response card" onSubmit={submit}>
      <fieldset class="kinds">
        <legend class="hidden">How to respond</legend>
        {kinds.map(each => (
          <label key={each.kind}>
            <input type="radio" name={`kind-${id}`} checked={each.kind === kind} onChange={() => setKind(each.kind)} />
            {each.label}
          </label>
        ))}
      </fieldset>
      <NameField persona={persona} />
      <label for={`words-${id}`}>{ask}</label>
      <textarea
        id={`words-${id}`}
        name="words"
        rows={2}
        maxLength={4_000}
        required={kind !== 'verify'}
        dir="auto"
        ref={first}
      />
      <div class="row">
        <button type="submit" class="primary">
          {send}
        </button>
        <button type="button" class="plain" onClick={done}>
          Cancel
        </button>
      </div>
    </form>
  )
}
