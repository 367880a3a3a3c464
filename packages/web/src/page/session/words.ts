/** What a person says in a space, as ops that every peer understands. */
import type { Op, RecordId } from '@amp-mesh/protocol'
import type { Persona } from '../model/page-state.ts'

/** A person acts as an agent among agents: with an offer, a proposal, an addition or a judgement. */
export type Act =
  | { do: 'offer'; words: string; confidence: number }
  | { do: 'propose'; words: string }
  | { do: 'build on'; parent: RecordId; words: string }
  | { do: 'verify' | 'dispute'; of: RecordId; words: string }

export function opOf(act: Act, question: RecordId, { name }: Persona): Op {
  const words = act.words.trim()
  switch (act.do) {
    case 'offer':
      return { k: 'capability_match', for: question, confidence: act.confidence, offer: words, agent: name }
    case 'propose':
      return { k: 'proposal', for: question, content: words, agent: name }
    case 'build on':
      return { k: 'build_on', parent: act.parent, content: words, agent: name }
    case 'verify':
    case 'dispute': {
      const why = words === '' ? {} : { why: words }
      return { k: 'verify', of: act.of, v: act.do === 'verify' ? 1 : -1, ...why, agent: name }
    }
  }
}

/** What somebody calls themselves as the name of an agent: small letters, digits, hyphens; empty when none are left. */
export const agentNameOf = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
