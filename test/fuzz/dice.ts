/** Chance from a seed, with the few words that mutators need. */
import { chance } from '../simulation/discovery/chance.ts'

export class Dice {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = chance(seed)
  }

  /** 0 to n − 1. */
  below(n: number): number {
    return Math.floor(this.#next() * n)
  }

  /** True so often, 0..1. */
  rolls(share: number): boolean {
    return this.#next() < share
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }
}

/** Bytes without respect for what they mean: one to four of them changed, cut, added, or a piece of another put in. */
export function wounded(bytes: Uint8Array, other: Uint8Array, dice: Dice): Uint8Array {
  let wound = Buffer.from(bytes)
  for (let i = dice.below(4); i >= 0; i--) {
    const at = dice.below(wound.length + 1)
    const how = dice.below(5)
    const [before, after] = [wound.subarray(0, at), wound.subarray(at)]
    if (how === 0 && at < wound.length) wound[at] = dice.below(256)
    else if (how === 1) wound = before
    else if (how === 2) wound = Buffer.concat([before, Buffer.of(dice.below(256)), after])
    else if (how === 3) wound = Buffer.concat([before, after.subarray(1)])
    else wound = Buffer.concat([before, other.subarray(dice.below(other.length + 1))])
  }
  return wound
}
