/** A grow-only set (G-Set): everything that was ever stated of something. */
import { canonicalText, type Json } from '@amp-mesh/protocol'
import type { Records } from '../records.ts'

/**
 * The objects of all facts about (s, p), whoever stated them, in order of their canonical text. Nothing leaves the set:
 * a retracted fact was stated all the same.
 */
export function growSet(records: Records, s: string, p: string): Json[] {
  const stated = records.history('fact').filter(({ op }) => op.s === s && op.p === p)
  const elements = new Map(stated.map(({ op }) => [canonicalText(op.o), op.o]))
  return [...elements].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, element]) => element)
}
