/** What of clients' updates stands in one root array of theirs, read without applying anything. */
import type { Gap, Item, Section, StructId } from '@amp-mesh/context/drafts'

/** Runs of clocks that are remembered; an item beside a forgotten one is not recognised. */
const RUNS = 16_384

/** Clocks of one client, `to` excluded. */
interface Run {
  from: number
  to: number
}

export class RootArray {
  readonly #name: string
  readonly #runs = new Map<number, Run[]>()
  #count = 0

  constructor(name: string) {
    this.#name = name
  }

  /**
   * True for the items of these sections that stand in the array. An item says so itself, or stands beside one that
   * does: those are remembered for later updates.
   */
  membersOf(sections: readonly Section[]): (item: Item | Gap) => boolean {
    const verdicts = new Map<Item, boolean>()
    for (const { client, structs } of sections)
      for (const item of structs) {
        if (item.content === undefined) continue
        const isMember = this.#judge(item, sections, verdicts)
        if (isMember) this.#remember(client, item)
      }
    return item => item.content !== undefined && verdicts.get(item) === true
  }

  /** Goes from neighbour to neighbour; hostile items may stand in a circle. */
  #judge(item: Item, sections: readonly Section[], verdicts: Map<Item, boolean>): boolean {
    const path: Item[] = []
    let isMember: boolean | undefined
    for (let each: Item | undefined = item; each !== undefined && isMember === undefined; ) {
      isMember = verdicts.get(each)
      if (isMember !== undefined) break
      verdicts.set(each, false)
      path.push(each)
      const neighbour: StructId | undefined = each.origin ?? each.rightOrigin
      if (neighbour === undefined) isMember = each.parent === this.#name && each.key === undefined
      else if (this.#has(neighbour)) isMember = true
      else each = itemAt(sections, neighbour)
    }
    for (const each of path) verdicts.set(each, isMember ?? false)
    return isMember ?? false
  }

  #has({ client, clock }: StructId): boolean {
    return this.#runs.get(client)?.some(({ from, to }) => from <= clock && clock < to) ?? false
  }

  #remember(client: number, { clock, length }: Item): void {
    const runs = this.#runs.get(client) ?? []
    this.#runs.set(client, runs)
    const last = runs.at(-1)
    if (last !== undefined && clock >= last.from && clock <= last.to) last.to = Math.max(last.to, clock + length)
    else if (this.#count < RUNS) {
      runs.push({ from: clock, to: clock + length })
      this.#count++
    }
  }
}

/** Items of a section are in order of their clocks. */
function itemAt(sections: readonly Section[], { client, clock }: StructId): Item | undefined {
  const structs = sections.find(section => section.client === client)?.structs ?? []
  let [low, high] = [0, structs.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((structs[middle]?.clock ?? 0) <= clock) low = middle
    else high = middle - 1
  }
  const found = structs[low]
  return found?.content !== undefined && found.clock <= clock && clock < found.clock + found.length ? found : undefined
}
