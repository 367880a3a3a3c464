/** A register: one value, the last that counts. Whose words count says the beginning of its name. CONTEXT.md §11. */
import { type Genesis, type Json, type PublicKey, type Rec, sha256, toBase64url, utf8 } from '@amp-mesh/protocol'
import { verifiersOf } from '../ledger/authors.ts'
import type { Records } from '../records.ts'
import { elections } from './elections.ts'

export interface RegisterView {
  /** Undefined while nothing that counts was written. */
  readonly value: Json | undefined
  readonly record: Rec<'reg'> | undefined
  /** Each author's latest live word, those that don't count too; the latest first. */
  readonly candidates: readonly Rec<'reg'>[]
}

/**
 * `own/<public key>/…`: the word of that key. `any/…`: the latest word of a verifier. `q/…`: what the verifiers made
 * final last. Other names have candidates only.
 */
export function register(records: Records, genesis: Genesis, name: string): RegisterView {
  const latest = new Map<PublicKey, Rec<'reg'>>()
  for (const record of records.of('reg'))
    if (record.op.name === name) {
      latest.delete(record.by)
      latest.set(record.by, record)
    }
  const candidates = [...latest.values()].reverse()
  const record = name.startsWith(QUORUM) ? chosen(records, genesis, name) : candidates.find(countsIn(genesis, name))
  return { value: record?.op.v, record, candidates }
}

/** The slot in which the words of a `q/…` register stand. It looks like a record's id, so no fact can claim it. */
export const registerSlot = (name: string): string => toBase64url(sha256(utf8('reg'), utf8(name)).subarray(0, 24))

/** Begins the name of a register that a quorum sets. */
export const QUORUM = 'q/'

function chosen(records: Records, genesis: Genesis, name: string): Rec<'reg'> | undefined {
  const winner = elections(records, genesis).winner(registerSlot(name))
  return records.history('reg').find(({ id, op }) => id === winner?.of && op.name === name)
}

function countsIn(genesis: Genesis, name: string): (record: Rec) => boolean {
  const [policy, owner] = name.split('/')
  const verifiers = verifiersOf(genesis)
  return ({ by }) => (policy === 'any' && verifiers.has(by)) || (policy === 'own' && by === owner)
}
