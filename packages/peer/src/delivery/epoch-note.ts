/** The note of a store's epoch: there from the day on that its peer first spoke of messages, and read before any. */
import type { Storage } from '@amp-mesh/protocol'

/** Of this store's present life, and in which of the storage's lives it began: `<epoch> <life>`. */
export const EPOCH = 'delivery/epoch'

/** Whether the store may hold letters. */
export const hasLetters = async (storage: Pick<Storage, 'get'>): Promise<boolean> =>
  (await storage.get(EPOCH)) !== undefined
