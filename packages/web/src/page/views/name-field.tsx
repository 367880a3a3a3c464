/** Asks a person for the name they speak under, once. */
import type { Persona } from '../model/page-state.ts'
import { agentNameOf } from '../session/words.ts'

export const NameField = ({ persona }: { persona: Persona | undefined }) =>
  persona === undefined ? (
    <label>
      Your name here
      <input name="persona" required maxLength={64} pattern=".*[A-Za-z0-9].*" autocomplete="nickname" />
    </label>
  ) : (
    <p class="quiet">
      as <strong>{persona.name}</strong>
    </p>
  )

export const nameIn = (form: FormData): string => agentNameOf(String(form.get('persona')))
