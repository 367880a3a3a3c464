/**
 * The records of a ledger in the terms of PROV-O (W3C), as JSON-LD nodes: who (prov:Agent) said what (prov:Entity) in
 * which signed entry (prov:Activity), resting on what, until it was taken back. Ids are URNs: they name, and lead
 * nowhere.
 */
import { type Json, type LogId, peerIdOf, type Rec, type RecordId } from '@amp-mesh/protocol'
import type { Ledger } from '../ledger/ledger.ts'
import { inLogOrder, type Opaque } from '../records.ts'
import { referencesOf } from '../references.ts'
import { speakerId, speakerOf } from '../views/offers.ts'

export type Node = { readonly [term: string]: Json }

/** What the prefixes in the nodes stand for. */
export const PROVENANCE_CONTEXT: Node = { amp: 'urn:amp:', prov: 'http://www.w3.org/ns/prov#' }

/** Log by log in order of log id: each agent before its first word, each entry before its records. */
export function* provenanceOf(ledger: Ledger): Generator<Node> {
  const records = [...ledger.records()].sort(inLogOrder)
  const ends = endsOf(records)
  const known = new Set<string>()
  let entry = ''
  for (const record of records) {
    for (const agent of agentsOf(record)) {
      if (!known.has(String(agent['@id']))) yield agent
      known.add(String(agent['@id']))
    }
    if (entryOf(record) !== entry) yield activityOf(record)
    entry = entryOf(record)
    yield entityOf(record, ends)
  }
}

const peerOf = (record: Rec | Opaque) => `urn:amp:peer:${peerIdOf(record.by)}`
const entryOf = ({ log, seq }: { log: LogId; seq: number }) => `urn:amp:entry:${log}:${seq}`
const recordOf = (id: RecordId) => `urn:amp:record:${id}`
const isoTime = (ms: number) => new Date(ms).toISOString()

/** The agent itself where the record names one, else its peer. */
function speakerOfRecord(record: Rec | Opaque): string {
  const speaker = record.op === undefined ? undefined : speakerOf(record)
  return speaker === undefined || speaker.agent === '' ? peerOf(record) : speakerId(speaker)
}

function agentsOf(record: Rec | Opaque): Node[] {
  const [peer, speaker] = [peerOf(record), speakerOfRecord(record)]
  const self = { '@id': peer, '@type': 'prov:Agent', 'amp:publicKey': record.by }
  if (speaker === peer) return [self]
  return [self, { '@id': speaker, '@type': 'prov:SoftwareAgent', 'prov:actedOnBehalfOf': { '@id': peer } }]
}

const activityOf = (record: Rec | Opaque): Node => ({
  '@id': entryOf(record),
  '@type': 'prov:Activity',
  'prov:endedAtTime': isoTime(record.time),
  'prov:wasAssociatedWith': { '@id': peerOf(record) },
})

/** `amp:says` is missing from a record that this version cannot read. */
function entityOf(record: Rec | Opaque, ends: ReadonlyMap<RecordId, Rec>): Node {
  const end = ends.get(record.id)
  const base = {
    '@id': recordOf(record.id),
    '@type': 'prov:Entity',
    'amp:n': record.n,
    'prov:generatedAtTime': isoTime(record.time),
    'prov:wasAttributedTo': { '@id': speakerOfRecord(record) },
    'prov:wasGeneratedBy': { '@id': entryOf(record) },
    ...(end && { 'prov:invalidatedAtTime': isoTime(end.time), 'prov:wasInvalidatedBy': { '@id': entryOf(end) } }),
  }
  if (record.op === undefined) return base
  const { k, ...fields } = record.op
  const from = referencesOf(record.op).map(id => ({ '@id': recordOf(id) }))
  const replaced = 'sup' in record.op ? record.op.sup : undefined
  return {
    ...base,
    'amp:kind': k,
    'amp:says': fields as Node,
    ...(from.length > 0 && { 'prov:wasDerivedFrom': from }),
    ...(replaced !== undefined && { 'prov:wasRevisionOf': { '@id': recordOf(replaced) } }),
  }
}

/** By record: the first word of its own author that took it back or replaced it. */
function endsOf(records: readonly (Rec | Opaque)[]): Map<RecordId, Rec> {
  const authors = new Map(records.map(record => [record.id, record.by]))
  const ends = new Map<RecordId, Rec>()
  for (const record of records) {
    if (record.op === undefined) continue
    const ended = record.op.k === 'retract' ? record.op.of : 'sup' in record.op ? record.op.sup : undefined
    if (ended === undefined || authors.get(ended) !== record.by) continue
    const known = ends.get(ended)
    if (known === undefined || inLogOrder(record, known) < 0) ends.set(ended, record)
  }
  return ends
}
