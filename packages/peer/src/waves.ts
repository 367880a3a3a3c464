/**
 * Whom to ask, and when: those that fit, in waves, until the offers suffice. A pure plan; multicast.ts carries it out.
 */
import { type PeerId, QUESTION_DEFAULTS } from '@amp-mesh/protocol'

/** A peer that may be asked. */
export interface Prospect {
  readonly peer: PeerId
  /** 0..1: how well its best agent fits. What all that were asked add up to is how many offers one may expect. */
  readonly fit: number
  /** This peer has no experience with its best agent. */
  readonly newcomer: boolean
}

/** How far asking has come. Times are ms since the question was written. */
export interface Outlook {
  /** The most preferred first, each peer once. */
  readonly prospects: readonly Prospect[]
  readonly asked: ReadonlySet<PeerId>
  /** Offers that stand. */
  readonly offers: number
  readonly age: number
  /** When the last wave went out; undefined: none did. */
  readonly lastWaveAt: number | undefined
  /** Everybody was asked. */
  readonly flooded: boolean
  /** Nobody who was asked can still be waited for: those that fit best have all refused. */
  readonly refused: boolean
  readonly scope: 'best' | 'all'
  readonly budgetMs: number
  readonly offerWindowMs: number
  /** Uniform in [0, 1): which newcomer gets a chance. */
  readonly draw: number
}

export type Step =
  | { readonly do: 'ask'; readonly peers: readonly PeerId[]; readonly everybody: boolean }
  | { readonly do: 'wait' }
  /** Nobody more will be asked. */
  | { readonly do: 'rest' }

/**
 * Peers of one wave: each may become a connection, of which a peer holds 128. Of the offers of a thousand agents 94 %
 * came with 48.
 */
export const WAVE = 64
/** One place of a wave in so many is a newcomer's. */
export const EXPLORE = 8
/** Who is asked after this share of the budget has no time left to help. */
export const ASKING_SHARE = 0.5

/**
 * The first wave goes out at once, a further one when an offer window went by, or all who were waited for refused, and
 * offers still lack. A wave is as many as may be expected to make up for that. When nobody is left who fits and nobody
 * offered, everybody is asked: cards do not say all that an agent can do.
 */
export function planWave(outlook: Outlook): Step {
  const { prospects, asked, offers, age, lastWaveAt, draw } = outlook
  const unasked = prospects.filter(({ peer }) => !asked.has(peer))
  if (lastWaveAt === undefined) {
    const everybody = outlook.scope === 'all' || unasked.length === 0
    return { do: 'ask', peers: waveOf(unasked, QUESTION_DEFAULTS.offers, draw), everybody }
  }
  const lacking = QUESTION_DEFAULTS.offers - offers
  if (outlook.flooded || lacking <= 0 || age > ASKING_SHARE * outlook.budgetMs) return { do: 'rest' }
  if (age < lastWaveAt + outlook.offerWindowMs && !(outlook.refused && offers === 0)) return { do: 'wait' }
  if (unasked.length > 0) return { do: 'ask', peers: waveOf(unasked, lacking, draw), everybody: false }
  return offers === 0 ? { do: 'ask', peers: [], everybody: true } : { do: 'rest' }
}

/** The first of `unasked` whose fits add up to `lacking`. */
function waveOf(unasked: readonly Prospect[], lacking: number, draw: number): PeerId[] {
  const wave: Prospect[] = []
  let expected = 0
  for (const prospect of unasked) {
    if (expected >= lacking || wave.length === WAVE) break
    wave.push(prospect)
    expected += prospect.fit
  }
  return withNewcomers(wave, unasked.slice(wave.length), draw).map(({ peer }) => peer)
}

/** Whoever has done well is asked, and so does well again: a few places go to those who had no chance yet. */
function withNewcomers(wave: readonly Prospect[], behind: readonly Prospect[], draw: number): readonly Prospect[] {
  const newcomers = behind.filter(({ newcomer }) => newcomer)
  const had = wave.filter(({ newcomer }) => newcomer).length
  const places = Math.min(newcomers.length, Math.floor(wave.length / EXPLORE) - had)
  if (places <= 0) return wave
  const from = Math.floor(draw * newcomers.length)
  const drawn = [...newcomers.slice(from), ...newcomers.slice(0, from)].slice(0, places)
  return [...wave.slice(0, -places), ...drawn]
}
