/**
 * The guards of the product, each with the line that is it and what stands there when it is switched off. For the
 * test-only build that shows that the attacks are real: without its guards the product must fall.
 */

export interface Guard {
  readonly guard: string
  readonly file: string
  /** Occurs once in the file. */
  readonly is: string
  readonly off: string
}

const ledger = 'packages/context/src/ledger/ledger.ts'
const acks = 'packages/context/src/ledger/acks.ts'
const elections = 'packages/context/src/views/elections.ts'
const op = 'packages/context/src/ledger/op.ts'
const segment = 'packages/context/src/ledger/segment.ts'
const records = 'packages/context/src/records.ts'
const status = 'packages/context/src/views/status.ts'

export const GUARDS: readonly Guard[] = [
  {
    guard: 'signatures are checked',
    file: ledger,
    is: "if (!this.#init.verify(segment.signature, links.hashes.at(-1) as Uint8Array, pub)) return 'bad-signature'",
    off: '',
  },
  {
    guard: 'two entries for one sequence are a fork',
    file: ledger,
    is: 'if (log.fork === undefined && isOther) return this.#fork(log, piece)',
    off: "if (isOther) return 'duplicate'",
  },
  {
    guard: 'only authors write',
    file: ledger,
    is: 'if (!this.isAuthor(by)) return this.#wait(segment, bytes, by)',
    off: '',
  },
  {
    guard: 'what no author wrote is not shown',
    file: ledger,
    is: 'return log.vouched && this.isAuthor(log.by) && log.epoch <= this.forks.lastEpoch(log.by)',
    off: 'return true',
  },
  {
    guard: 'an author has few epochs',
    file: ledger,
    is: "if (epoch >= limits.epochsPerAuthor) return 'too-many-epochs'",
    off: '',
  },
  { guard: 'time does not run backwards', file: ledger, is: "return 'time-backwards'", off: '{}' },
  {
    guard: 'a log has a quota',
    file: ledger,
    is: "if (usedAt(log, home.spentAt(at - 1)) + costOf(entries.slice(at - from)) > limits.quota) return 'quota'",
    off: '',
  },
  {
    guard: 'the future waits',
    file: ledger,
    is: 'if (due > this.#init.now()) return this.#deferred.add(due, bytes)',
    off: '',
  },
  {
    guard: 'ops, entries and their number are bounded',
    file: ledger,
    is: "if (!isWithinBounds(segment, limits)) return 'bad-segment'",
    off: '',
  },
  { guard: 'no trailing bytes', file: segment, is: "if (reader.at !== end) throw bad('trailing bytes')", off: '' },
  {
    guard: 'ops are canonical JSON',
    file: op,
    is: 'value = parseCanonical(bytes)',
    off: 'value = JSON.parse(new TextDecoder().decode(bytes))',
  },
  {
    guard: 'values are bounded and their keys safe',
    file: op,
    is: 'if (!isWithin(value, limits, limits.depth)) return undefined',
    off: '',
  },
  {
    guard: 'records have the fields of their kind',
    file: op,
    is: 'const op = readOp(value)',
    off: 'const op = readOp(value) ?? (value as Op)',
  },
  {
    guard: 'bytes of an op are those its id says',
    file: 'packages/context/src/ledger/forgetting.ts',
    is: 'if (this.#hasher.recordId(log.ascii, n, rows, 0) !== hole.id) return undefined',
    off: '',
  },
  {
    guard: 'bytes of an op are as many as the chain says',
    file: 'packages/context/src/ledger/forgetting.ts',
    is: 'if (hole === undefined || bytes.length !== hole.length || isKept(bytes)) return undefined',
    off: 'if (hole === undefined) return undefined',
  },
  {
    guard: 'only its author has a record forgotten',
    file: 'packages/context/src/ledger/forgetting.ts',
    is: 'this.#words.get(id)?.some(({ by }) => by === author) === true',
    off: 'this.#words.has(id)',
  },
  {
    guard: 'an ack names what stands there',
    file: acks,
    is: 'return held !== undefined && hash16(held) === hash',
    off: 'return held !== undefined',
  },
  {
    guard: 'only its author retracts a record',
    file: records,
    is: 'if (this.#retractedBy.get(id)?.has(record.by))',
    off: 'if (this.#retractedBy.has(id))',
  },
  {
    guard: 'only its author replaces a record',
    file: records,
    is: 'this.#supersededBy.get(id)?.has(record.by)',
    off: 'this.#supersededBy.has(id)',
  },
  {
    guard: 'only verifiers are counted',
    file: status,
    is: 'const counted = verdicts.filter(record => verifiers.has(record.by))',
    off: 'const counted = verdicts',
  },
  {
    guard: 'votes are signed',
    file: elections,
    is: 'if (!records.checkVote(by, vote, vs)) return false',
    off: '',
  },
  {
    guard: 'only verifiers vote',
    file: elections,
    is: 'if (!this.#verifiers.has(by)) return false',
    off: '',
  },
  {
    guard: 'only verifiers sign certificates',
    file: elections,
    is: 'new Map(sigs.filter(([pub]) => this.#verifiers.has(pub)))',
    off: 'new Map(sigs)',
  },
  {
    guard: 'a quorum are so many verifiers',
    file: elections,
    is: 'return voters.length >= this.#quorum.most && domainsOf(this.#genesis, voters) >= this.#genesis.policy.domains',
    off: 'return true',
  },
  {
    guard: 'an editor writes with its own client ids',
    file: 'packages/context/src/drafts/guard.ts',
    is: "if (!isOwn(client) || clock < known) return 'bad'",
    off: "if (clock < known) return 'bad'",
  },
  {
    guard: 'only editors edit',
    file: 'packages/context/src/drafts/replay.ts',
    is: 'if (this.#edits.has(edit.id) || !this.#first.has(edit.by)) return undefined',
    off: 'if (this.#edits.has(edit.id)) return undefined',
  },
  {
    guard: 'only who shows the token enters a room or the gateway',
    file: 'packages/peer/src/node/door.ts',
    is: "return tokensOf(knock).some(isToken) ? undefined : { status: 401, why: 'show the token of this peer' }",
    off: 'return undefined',
  },
  {
    guard: 'an outbox or the gateway takes no word about the peer itself',
    file: 'packages/peer/src/guest-op.ts',
    is: 'if (RESERVED.has(op.k) || isVote || speaksForAll)',
    off: 'if (speaksForAll)',
  },
  {
    guard: 'each is counted once, and not for itself',
    file: status,
    is: 'record.by !== author) latest.set(record.by, record)',
    off: 'author !== undefined) latest.set(record.id, record)',
  },
]
