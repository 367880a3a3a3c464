/** Golden vectors as the tests of this folder read them: test/vectors/README.md says what the fields mean. */
import { readFileSync } from 'node:fs'
import { fromBase64url, utf8 } from '@amp-mesh/protocol'

export interface Input {
  description: string
  hex?: string
  json?: string
  parts?: { hex: string; times: number }[]
}

export function readVectors<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../vectors/${file}`, import.meta.url), 'utf8'), bytesFromText) as T
}

export function bytesOf(input: Input): Uint8Array {
  if (input.json !== undefined) return utf8(input.json)
  const parts = input.parts ?? [{ hex: input.hex ?? '', times: 1 }]
  return fromHex(parts.map(part => part.hex.repeat(part.times)).join(''))
}

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

/** The code of the error that `action` throws; fails the test if it throws something else, or nothing. */
export function codeOf(action: () => unknown, kind: new (...args: never[]) => { code: string }): string {
  try {
    action()
  } catch (error) {
    if (error instanceof kind) return error.code
    throw error
  }
  throw new Error('nothing was thrown')
}

const bytesFromText = (_key: string, value: unknown) =>
  value !== null && typeof value === 'object' && '$bytes' in value && typeof value.$bytes === 'string'
    ? fromBase64url(value.$bytes)
    : value
