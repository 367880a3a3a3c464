/** The golden vectors, said one by one: what is right is done (GW-1), what is wrong is told (GW-12). */
import { GATEWAY_ANSWERS } from '@amp-mesh/protocol'
import type { Check } from '../check.ts'
import type { Client, Form } from '../client.ts'
import type { Told } from '../hearing.ts'
import { shown, Unmet } from '../unmet.ts'
import { readVectors, type Vector, type Vectors, wordsOf } from '../vectors.ts'
import type { Visit } from '../visit.ts'

const FORMS: readonly Form[] = ['json', 'msgpack']
/** Failures that are told in full. */
const TOLD = 3

export const VECTORS: readonly Check[] = [
  ...inEachForm(
    'GW-1',
    'taken',
    ({ accept }) => accept,
    ({ answer }, told) => {
      const differs = Object.entries(answer).some(([field, value]) => told[field] !== value)
      return differs ? shown(answer) : undefined
    },
  ),
  ...inEachForm(
    'GW-12',
    'refused',
    ({ reject }) => reject,
    ({ code }, told) => (told.type === 'error' && told.code === code ? undefined : `an error "${code}"`),
  ),
]

/** `flaw`: what should have come as the answer to a vector, if that is not it. */
function inEachForm<V extends Vector>(
  requirement: string,
  fate: string,
  of: (vectors: Vectors) => readonly V[],
  flaw: (vector: V, told: Told) => string | undefined,
): Check[] {
  return FORMS.map(form => ({
    requirement,
    title: `golden vectors that are to be ${fate}, in ${form}`,
    run: async visit =>
      sayAll(
        await memberOf(visit, form),
        of(readVectors()).filter(each => each.form === form),
        flaw,
      ),
  }))
}

async function memberOf(visit: Visit, form: Form): Promise<Client> {
  const { space } = await visit.stage()
  const client = await visit.client(form)
  await client.asks({ type: 'join', space }, 'joined')
  return client
}

/** Throws Unmet with the first of those that went wrong. */
async function sayAll<V extends Vector>(
  client: Client,
  vectors: readonly V[],
  flaw: (vector: V, told: Told) => string | undefined,
): Promise<void> {
  const wrong: { expected: string; came: string }[] = []
  for (const vector of vectors) {
    client.send(wordsOf(vector))
    const told = await client.hears(ANSWERS)
    const expected = flaw(vector, told)
    if (expected !== undefined) wrong.push({ expected: `${vector.description}: ${expected}`, came: shown(told) })
  }
  if (wrong.length === 0) return
  const more = wrong.length > TOLD ? `; and ${wrong.length - TOLD} more` : ''
  const told = wrong.slice(0, TOLD)
  throw new Unmet(told.map(each => each.expected).join('; ') + more, told.map(each => each.came).join('; ') + more)
}

/** Records of the space, and these, may come in between. */
const BETWEEN = ['candidate', 'event']
const ANSWERS = Object.keys(GATEWAY_ANSWERS).filter(type => !BETWEEN.includes(type))
