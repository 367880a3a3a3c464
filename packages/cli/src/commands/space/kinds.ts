/** Kinds of records as people write them: with commas. */
import { AmpError, type Kind, RECORDS } from '@amp-mesh/protocol'
import { plainText } from '../../render/plain-text.ts'

/** Throws `bad-input` for what is no kind. */
export function kindsIn(text: string): Kind[] {
  const names = text.split(',').map(name => name.trim())
  const unknown = names.find(name => !Object.hasOwn(RECORDS, name))
  if (unknown !== undefined)
    throw new AmpError(
      'bad-input',
      `There are no records of the kind “${plainText(unknown)}”. There are: ${Object.keys(RECORDS).join(', ')}.`,
    )
  return names as Kind[]
}
