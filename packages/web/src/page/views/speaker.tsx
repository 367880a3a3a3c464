/** Whoever speaks: a disc of their own tint, and their name. */
import type { Voice } from '../model/voice.ts'

const TINTS = 8

export function Speaker({ who }: { who: Voice }) {
  return (
    <span class="speaker" title={`on the peer ${who.peer}`}>
      <span class={`disc tint-${tintOf(who.id)}`} aria-hidden="true" />
      <bdi>{who.name}</bdi>
      {who.own && who.name !== 'you' && <span class="own">you</span>}
    </span>
  )
}

/** The same speaker, the same tint, on every peer. */
export function tintOf(key: string): number {
  let hash = 0
  for (const character of key) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return hash % TINTS
}
