/**
 * The words a card is published under and a request asks for: keys of the mesh's index in the DHT (DISCOVERY.md §5).
 */
import {
  type AgentCard,
  DISCOVERY_LIMITS,
  type MeshId,
  meshLabel,
  parseAgentId,
  sha256,
  utf8,
} from '@amp-mesh/protocol'
import { ONE } from './fixed-point.ts'
import { smallPrintOf } from './passages.ts'
import { SMALL_PRINT_SHARE } from './small-print.ts'
import { stem } from './stem.ts'
import { isNumber, tokenize } from './tokens.ts'
import { conceptsOf, isListed, isRequestStem, rarityOf, weightOf } from './word-weights.ts'

/** Keys whose hashes are remembered: a holder meets the same few thousand again and again. */
const REMEMBERED_KEYS = 65_536
const keys = new Map<string, Uint8Array>()

/** How a text uses one stem. */
export interface StemUse {
  /** How often; a card's small print counts less. */
  count: number
  /** 0..1, of its weightiest form. */
  weight: number
  /** ln(1 / share of descriptions with the word), of its most frequent form: an inverse document frequency. */
  rarity: number
  /** Whether a form of it is in the frozen table; others are often names that no card contains. */
  listed: boolean
  number: boolean
}

/** The stems of a text in order of appearance, function words left out. `share`: what one occurrence counts. */
export function stemsOf(text: string, share = 1, into = new Map<string, StemUse>()): Map<string, StemUse> {
  for (const word of tokenize(text)) {
    const weight = weightOf(word) / ONE
    if (weight === 0) continue
    const name = stem(word)
    const rarity = rarityOf(word) / 100
    const use = into.get(name)
    if (use === undefined) {
      into.set(name, { count: share, weight, rarity, listed: isListed(word), number: isNumber(word) })
    } else {
      use.count += share
      use.weight = Math.max(use.weight, weight)
      use.rarity = Math.min(use.rarity, rarity)
      use.listed ||= isListed(word)
    }
  }
  return into
}

/** The stems of all that a card says about its agent. */
export function stemsOfCard(card: AgentCard): Map<string, StemUse> {
  const stems = stemsOf(`${parseAgentId(card.agent).name} ${card.description ?? ''}`)
  for (const capability of card.capabilities) {
    stemsOf(capability.text, 1, stems)
    stemsOf(smallPrintOf(capability).join('\n'), SMALL_PRINT_SHARE, stems)
  }
  return stems
}

/** The card's heaviest stems, heaviest first: what it is published under. `stems`: its own, where they are known. */
export const keysOfCard = (card: AgentCard, stems: ReadonlyMap<string, StemUse> = stemsOfCard(card)): string[] =>
  heaviest(stems, ({ count, weight }) => count * weight).slice(0, DISCOVERY_LIMITS.keysPerCard)

/** A request's stems in order of worth: the ones most likely to lead to its best cards first. */
export const keysOfRequest = (text: string): string[] => heaviest(stemsOf(text), worth)

/** Where in the DHT the cards under a key are held: 32 bytes. `name`: a stem, or what key-name.ts makes of several. */
export function wordKey(mesh: MeshId, name: string): Uint8Array {
  const text = `amp-mesh/${meshLabel(mesh)}/word/${name}`
  let key = keys.get(text)
  if (key === undefined) {
    if (keys.size >= REMEMBERED_KEYS) keys.clear()
    key = sha256(utf8(text))
    keys.set(text, key)
  }
  return key
}

/** Worth of a stem as a key, fitted on DISCOVERY.md's tuning requests: numbers and request words last. */
function worth({ count, rarity, listed, number }: StemUse, name: string): number {
  if (number) return 0.05
  if (isRequestStem(name)) return 0.1 + 0.01 * rarity
  const base = listed ? 0.3 + (0.7 * Math.min(rarity, 6.5)) / 6.5 : 0.45
  return base * (conceptsOf(name).length > 0 ? 1.3 : 1) * (1 + Math.log(count))
}

/** Equals keep their order of appearance. */
function heaviest(stems: ReadonlyMap<string, StemUse>, value: (use: StemUse, name: string) => number): string[] {
  return [...stems]
    .map(([name, use]) => ({ name, value: value(use, name) }))
    .sort((a, b) => b.value - a.value)
    .map(({ name }) => name)
}
