/** All attacks, in order of their numbers. */
import type { Attack } from './attack.ts'
import { authorship } from './rows/authorship.ts'
import { bombs } from './rows/bombs.ts'
import { bounds } from './rows/bounds.ts'
import { checkpoints } from './rows/checkpoints.ts'
import { drafts } from './rows/drafts.ts'
import { forgetting } from './rows/forgetting.ts'
import { forks } from './rows/forks.ts'
import { gateway } from './rows/gateway.ts'
import { foreignItems } from './rows/items.ts'
import { opinions } from './rows/opinions.ts'
import { rooms } from './rows/rooms.ts'
import { signatures } from './rows/signatures.ts'
import { times } from './rows/time.ts'
import { values } from './rows/values.ts'
import { votes } from './rows/votes.ts'
import { wire } from './rows/wire.ts'

export const ATTACKS: readonly Attack[] = [
  ...authorship,
  ...bombs,
  ...bounds,
  ...foreignItems,
  ...gateway,
  ...checkpoints,
  ...drafts,
  ...forgetting,
  ...forks,
  ...opinions,
  ...rooms,
  ...signatures,
  ...times,
  ...values,
  ...votes,
  ...wire,
].sort((a, b) => a.n - b.n)
