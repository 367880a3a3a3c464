/** All checks, in the order of their requirements. */
import type { Check } from './check.ts'
import { AGENTS } from './checks/agents.ts'
import { BOUNDS } from './checks/bounds.ts'
import { DOOR } from './checks/door.ts'
import { MONITORING } from './checks/monitoring.ts'
import { POST } from './checks/post.ts'
import { RESUME } from './checks/resume.ts'
import { SPACE } from './checks/space.ts'
import { SPEECH } from './checks/speech.ts'
import { VECTORS } from './checks/vectors.ts'

export const CHECKS: readonly Check[] = [
  ...DOOR,
  ...SPEECH,
  ...SPACE,
  ...RESUME,
  ...BOUNDS,
  ...POST,
  ...MONITORING,
  ...AGENTS,
  ...VECTORS,
].toSorted((a, b) => a.requirement.localeCompare(b.requirement, 'en', { numeric: true }))
