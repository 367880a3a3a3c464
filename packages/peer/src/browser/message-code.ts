/** What a tab fetches when messages are first needed, in one piece: they themselves, and their way to further tabs. */
export { Messaging } from '../messaging.ts'
export { AttachedMessages } from './attached-messages.ts'
export { inTurn } from './in-turn.ts'
export { LentMessages } from './lent-messages.ts'
