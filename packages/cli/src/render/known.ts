/** A record with its provenance: what it says, where it stands, and who stands behind it. */
import type { Known, Voice } from '@amp-mesh/protocol'
import type { Terminal } from '../terminal.ts'
import { recordLine } from './json-line.ts'
import { plainText } from './plain-text.ts'
import { renderRecord } from './record-line.ts'

export function tellKnown(known: Known, terminal: Terminal, similarity?: number): void {
  const { record, status, by, at, supports, refutes } = known
  const hops = 'hops' in known ? known.hops : undefined
  const json = { ...recordLine(record), type: 'known', status, by, at, supports, refutes, hops, similarity }
  const close = similarity === undefined ? [] : [similarity.toFixed(2)]
  const said = [status, ...voices('verified by', supports), ...voices('refuted by', refutes), ...close].join(', ')
  terminal.tell(json, style => renderRecord(record, style, said))
}

/** Those that count; others are shown in JSON. */
function voices(verb: string, said: readonly Voice[]): string[] {
  const names = said.filter(({ counts }) => counts).map(({ by }) => nameIn(by))
  return names.length === 0 ? [] : [`${verb} ${names.join(' and ')}`]
}

function nameIn(agent: string): string {
  const [, peer = '', name = ''] = /^amp:\/\/([^/]*)\/(.*)$/.exec(agent) ?? []
  return plainText(name === '' ? peer.slice(-6) : name)
}
