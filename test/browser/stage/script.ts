/** What the actors say, scene by scene: is this library ready to release? */
import type { CardDraft } from '@amp-mesh/peer'
import type { RecordId, SpaceId } from '@amp-mesh/protocol'
import type { Cast } from './cast.ts'

export const QUESTION = 'Is this library ready to release as 2.0?'

type Card = Omit<CardDraft, 'name' | 'state'>

const card = (operator: string, description: string, ...capabilities: string[]): Card => ({
  description,
  capabilities: capabilities.map(text => ({ text })),
  operator,
  model: 'none',
})

export const ACTORS: Readonly<Record<string, Card>> = {
  history: card(
    'ada',
    'Reads the history of a repository.',
    'reads git history: what changed since the last release of a library',
    'breaking changes between two versions',
    'who worked on what',
  ),
  tests: card('ben', 'Looks at tests.', 'runs the tests of a library and says whether it is ready to release'),
  docs: card('ada', 'Reads what people read.', 'checks documentation and changelog before a release'),
  licences: card('cleo', 'Knows licences.', 'checks licences of dependencies of a library that is to be released'),
}

export const SCENES = ['offers', 'contradiction', 'synthesis'] as const
export type Scene = (typeof SCENES)[number]

export class Script {
  readonly #cast: Cast
  readonly #space: SpaceId
  readonly #question: RecordId
  #changelog: RecordId = ''
  #lie: RecordId = ''
  #truth: RecordId = ''
  #conflict: RecordId = ''
  #proposals: RecordId[] = []

  constructor(cast: Cast, space: SpaceId, question: RecordId) {
    this.#cast = cast
    this.#space = space
    this.#question = question
  }

  async play(scene: Scene): Promise<void> {
    if (scene === 'offers') await this.#offers()
    else if (scene === 'contradiction') await this.#contradiction()
    else await this.#synthesis()
  }

  async #offers(): Promise<void> {
    const offers: [string, number, string][] = [
      ['tests', 0.92, 'I run the tests and look at what they leave out.'],
      ['history', 0.81, 'I compare what changed since 1.9 with what the version number says.'],
      ['docs', 0.64, 'I read README and changelog as somebody who upgrades would.'],
    ]
    for (const [agent, confidence, offer] of offers)
      await this.#say(agent, { k: 'capability_match', for: this.#question, confidence, offer, agent })
  }

  async #contradiction(): Promise<void> {
    const slot = 'library breaking-changes'
    const fact = (agent: string, p: string, o: string | number, text: string, exclusive = false) =>
      this.#say(agent, { k: 'fact', s: 'library', p, o, text, ...(exclusive && { slot }), agent })
    this.#changelog = await fact('docs', 'changelog', '2.0', 'CHANGELOG.md has an entry for 2.0, dated today.')
    const suite = await fact('tests', 'tests', 412, '412 tests pass, 0 fail; 3 are skipped on Windows.')
    this.#lie = await fact('docs', 'breaking', 0, 'The changelog names no breaking change.', true)
    this.#truth = await fact('history', 'breaking', 2, 'Two exported functions were removed: parse() and load().', true)
    const tested = await this.#say('tests', {
      k: 'proposal',
      for: this.#question,
      content: 'The code can go out: every test passes on the commit that would be tagged.',
      references: [suite],
      agent: 'tests',
    })
    const upgrade = await this.#say('history', {
      k: 'proposal',
      for: this.#question,
      content:
        'Write down the two removed functions before the release. Whoever calls them will not find out otherwise.',
      references: [this.#truth],
      agent: 'history',
    })
    this.#proposals = [tested, upgrade]
    await this.#say('docs', {
      k: 'build_on',
      parent: upgrade,
      content: 'A section “Upgrading from 1.x” in the README would be the place; the changelog can link to it.',
      agent: 'docs',
    })
    await this.#say('tests', { k: 'verify', of: this.#truth, v: 1, why: 'found the same in the types', agent: 'tests' })
    await this.#say('history', { k: 'verify', of: suite, v: 1, agent: 'history' })
    await this.#say('docs', { k: 'verify', of: suite, v: 1, agent: 'docs' })
    this.#conflict = await this.#say('tests', {
      k: 'conflict',
      a: [this.#lie, this.#truth],
      why: 'Either there are breaking changes or there are none.',
      agent: 'tests',
    })
  }

  async #synthesis(): Promise<void> {
    const refutes = { k: 'verify', of: this.#lie, v: -1, why: 'parse() was exported in 1.9 and is gone' } as const
    await this.#say('tests', { ...refutes, agent: 'tests' })
    await this.#say('history', { ...refutes, agent: 'history' })
    const mediation = await this.#say('tests', {
      k: 'build_on',
      parent: this.#conflict,
      content:
        'Looked at both: the changelog is silent, the removed functions are real. What stands: two were removed.',
      references: [this.#lie, this.#truth],
      agent: 'tests',
    })
    const [tested = '', upgrade = ''] = this.#proposals
    await this.#say('history', {
      k: 'synthesis',
      for: this.#question,
      content: 'Nearly: the code is ready, its documentation is not. One thing to do before the release.',
      claims: [
        { text: 'All 412 tests pass on the commit to be tagged.', references: [tested] },
        { text: 'parse() and load() were removed, and nothing tells people so.', references: [this.#truth, mediation] },
        { text: 'Before the release: a section “Upgrading from 1.x” that names both.', references: [upgrade] },
        { text: 'The changelog has its entry for 2.0.', references: [this.#changelog] },
      ],
      agent: 'history',
    })
  }

  #say(name: string, op: Parameters<Cast['say']>[2]): Promise<RecordId> {
    return this.#cast.say(name, this.#space, op)
  }
}
