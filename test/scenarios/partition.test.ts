/** Five members on a real network fall into two sides that both go on writing; when it heals they are one again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { program } from '../program.ts'
import { until } from '../until.ts'
import { Namespaces, whyNoNamespaces } from './network-namespaces.ts'
import type { MemberOrder, MemberReport } from './partition-member.ts'
import { Person } from './person.ts'

const PROGRAM = program(new URL('./partition-member.ts', import.meta.url))
const NAMES = ['anna', 'ben', 'cleo', 'dan', 'eve']
/** `npm run repeat -- partition` lasts as long as the promise says; `npm test` sees that it works at all. */
const SPLIT_MS = process.env.AMP_REPEAT === undefined ? 3_000 : 30_000
/** Each of five: together more than 50 records a second. */
const EVERY_MS = 80
const why = whyNoNamespaces()

it.skipIf(why !== undefined)(
  `[G3.partition] two sides of a partition converge after it${why === undefined ? '' : ` (${why})`}`,
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'amp-partition-'))
    const network = await Namespaces.create()
    onTestFinished(async () => {
      network.stop()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
    })
    const people: Member[] = []
    const home: string[] = []
    for (const name of NAMES) {
      const person: Member = new Person(await network.start(PROGRAM, []))
      person.tell({ do: 'start', setup: { name, dataDir, address: person.member.address, join: home } })
      const { addresses } = await person.hears('ready')
      if (home.length === 0) home.push(...addresses)
      people.push(person)
    }
    const [anna] = people as [Member, ...Member[]]
    await until('everybody knows everybody', () => people.every(each => each.last('known')?.peers === NAMES.length - 1))
    anna.tell({ do: 'ask' })
    const { space } = await anna.hears('asked')
    await until('all take part', async () => (await holdings(people, space)).every(held => held.length > 0))

    for (const person of people) person.tell({ do: 'write', space, everyMs: EVERY_MS })
    await until('all hear all', async () =>
      (await holdings(people, space)).every(held => authors(held) === NAMES.length),
    )
    await network.split(people.slice(3).map(({ member }) => member))
    const splitAt = Date.now()
    await until('the partition has lasted', () => Date.now() - splitAt >= SPLIT_MS, SPLIT_MS + 10_000)
    const healedAt = Date.now()
    await network.heal()
    await until('a moment of writing after it', () => Date.now() - healedAt >= 2_000)
    for (const person of people) person.tell({ do: 'rest' })

    const converged = async () => new Set((await holdings(people, space)).map(held => ids(held).join())).size === 1
    await until('all hold the same', converged, 60_000)
    const held = await holdings(people, space)
    const late = held.flatMap(records =>
      records
        .filter(([, , time, arrived]) => time > splitAt && time < healedAt && arrived > healedAt)
        .map(([, , , arrived]) => arrived - healedAt),
    )
    late.sort((a, b) => a - b)
    const p99 = late[Math.floor(late.length * 0.99)] ?? Number.NaN
    const written = new Set(
      held
        .flat()
        .filter(([, , time]) => time > splitAt && time < healedAt)
        .map(([id]) => id),
    ).size
    const rate = (written * 1_000) / (healedAt - splitAt)
    process.stdout.write(
      `partition of ${healedAt - splitAt} ms under ${rate.toFixed(0)} records/s: ${late.length} late arrivals, ` +
        `after the heal p50 ${late[late.length >> 1]} ms, p99 ${p99} ms, last ${late.at(-1)} ms\n`,
    )
    expect(late.length).toBeGreaterThan(SPLIT_MS / 30)
    if (process.env.AMP_REPEAT !== undefined) {
      expect(rate).toBeGreaterThanOrEqual(50)
      expect(late.length).toBeGreaterThanOrEqual(1_000)
      expect(p99).toBeLessThan(10_000)
    }
  },
)

type Member = Person<MemberOrder, MemberReport>
type Held = Extract<MemberReport, { event: 'holds' }>['records']
const ids = (held: Held) => held.map(([id]) => id).sort()
const authors = (held: Held) => new Set(held.map(([, by]) => by)).size

async function holdings(people: readonly Member[], space: string): Promise<Held[]> {
  const asked = people.map(person => {
    person.tell({ do: 'tell', space })
    return person.hears('holds')
  })
  return (await Promise.all(asked)).map(({ records }) => records)
}
