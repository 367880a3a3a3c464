/** Peers that are wrong in one thing each, by a storage that is: the chaos must see it. */
import { type Storage, utf8 } from '@amp-mesh/protocol'

export type Mutant = 'ack-before-commit' | 'no-dedup' | 'no-epoch'

export const MUTANTS: Readonly<Record<Mutant, (storage: Storage) => Storage>> = {
  /** Says that it has written before it has. */
  'ack-before-commit': storage => ({
    ...portOf(storage),
    async write(ops) {
      setTimeout(() => void storage.write(ops), 40)
    },
  }),
  /** Forgets with each restart what it has received. */
  'no-dedup': storage => ({
    ...portOf(storage),
    async *range(from, to) {
      for await (const [key, value] of storage.range(from, to))
        yield [key, key.startsWith('delivery/seen/') ? utf8('0') : value]
    },
  }),
  /** Does not tell a new disk from an old one. */
  'no-epoch': storage => ({
    ...portOf(storage),
    get: async key => (key === 'delivery/epoch' ? utf8(`1 ${storage.life}`) : storage.get(key)),
  }),
}

export const portOf = (storage: Storage): Storage => ({
  life: storage.life,
  get: key => storage.get(key),
  write: ops => storage.write(ops),
  range: (from, to) => storage.range(from, to),
  close: () => storage.close(),
})
