/** planted */
import type { Candidate } from '@amp-mesh/discovery'
import { x } from '@amp-mesh/protocol/src/frame.ts'
import { readFile } from 'node:fs'
export const y = (c: Candidate) => [c, x, readFile, Date.now()] // TODO
