/** The golden vectors for the gateway: test/vectors/gateway.json, which the built package has beside this file. */
import { existsSync, readFileSync } from 'node:fs'
import type { Form } from './client.ts'
import type { Fields } from './hearing.ts'

export interface Vector {
  readonly description: string
  readonly form: Form
  readonly json?: string
  readonly hex?: string
  /** Each `hex` repeated, in order. */
  readonly parts?: readonly { hex: string; times: number }[]
}

export interface Vectors {
  /** `answer`: fields of what is answered. */
  readonly accept: readonly (Vector & { answer: Fields & { type: string } })[]
  /** `code`: of the error it is answered with. */
  readonly reject: readonly (Vector & { code: string })[]
}

const PLACES = ['./gateway.json', '../../../../test/vectors/gateway.json']

export function readVectors(): Vectors {
  const place = PLACES.map(path => new URL(path, import.meta.url)).find(url => existsSync(url))
  if (place === undefined) throw new Error('the vectors of the gateway are missing from this package')
  return JSON.parse(readFileSync(place, 'utf8')) as Vectors
}

/** As it is sent: text for JSON, bytes for msgpack. */
export function wordsOf({ form, json, hex = '', parts = [{ hex, times: 1 }] }: Vector): string | Uint8Array {
  if (json !== undefined) return json
  const bytes = Buffer.from(parts.map(part => part.hex.repeat(part.times)).join(''), 'hex')
  return form === 'json' ? bytes.toString() : bytes
}
